"""The figures of the queue page for Prometheus. Scraping costs the queue nothing, since the page's view is shared.

An unknown figure has no sample: alerts would believe a 0.
"""

from collections.abc import Iterable, Iterator

from flask import current_app
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from webapp.monitor import channels
from webapp.monitor.channels import ChannelView
from webapp.monitor.queue import queue_view
from webapp.monitor.view import QueueView

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def exposition() -> bytes:
    """Returns all figures as text."""
    registry = CollectorRegistry()
    registry.register(_Figures(queue_view(), channels.read()))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, view: QueueView, states: Iterable[ChannelView]) -> None:
        self._view, self._states = view, states

    def collect(self) -> Iterator[Metric]:
        """Yields each known figure."""
        about = InfoMetricFamily("bellhop", "Which Bellhop this is.", value={"version": current_app.config["VERSION"]})
        yield about
        yield from (_gauge(name, words, value) for name, words, value in _of_queue(self._view) if value is not None)
        paused = GaugeMetricFamily("bellhop_channel_paused", "Whether the channel is held back.", labels=["channel"])
        for state in self._states:
            paused.add_metric([str(state.name)], float(state.is_paused))
        yield paused
        yield from _of_workers(self._view)


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"bellhop_{name}", words, value=float(value))


def _of_queue(view: QueueView) -> Iterator[tuple[str, str, float | None]]:
    yield "messages_waiting", "Messages that wait and are due.", view.queued
    yield "messages_due_later", "Messages that are not due yet, and were never tried.", view.due_later
    yield "messages_retrying", "Messages that wait for their next try.", view.retrying
    yield "messages_sending", "Messages that are being handed over.", view.running
    yield "messages_uncertain", "Messages that the provider is asked about.", view.uncertain
    yield "oldest_waiting_seconds", "How long the oldest due message has waited.", view.oldest_waiting_seconds or 0.0
    last = view.minutes[-1] if view.minutes else None
    yield "sent_last_minute", "Messages that providers took in the last whole minute.", last.sent if last else None
    yield "failed_last_minute", "Messages that failed in the last whole minute.", last.failed if last else None
    tried, began = last.tries if last else None, view.due_p95
    yield "tries_last_minute", "Attempts that ended in the last whole minute.", tried
    yield "retries_last_minute", "Those that were not their message's first.", last.retried if last else None
    yield "due_to_handover_seconds", "Within it 95 of 100 first tries began lately.", began.due_p95 if began else None
    yield "redis_up", "Whether Redis answers and takes bells.", view.broker_up
    yield "bells", "Bells that wait in Redis.", view.bells
    yield "bells_unacked", "Bells that a worker has taken and not finished.", view.unacked
    live = view.broker if view.broker_up else None
    yield "redis_memory_bytes", "Memory that Redis uses.", live.memory_used if live else None
    yield (
        "redis_memory_limit_bytes",
        "Memory that Redis may use; 0: no limit.",
        live.memory_limit if live else None,
    )
    yield "redis_clients", "Connections to Redis.", live.clients if live else None
    yield "database_bytes", "Size of the database, by the last sample.", view.database.size if view.database else None
    yield (
        "database_write_seconds",
        "How long a small committed write took a worker.",
        view.database.write_ms / 1000 if view.database else None,
    )
    yield "snapshot_age_seconds", "How old the sampler's snapshot is.", view.snapshot_age


def _of_workers(view: QueueView) -> Iterator[Metric]:
    alive = [worker for worker in view.workers if worker.alive]
    yield _gauge("workers_alive", "Workers that gave a sign of life lately.", len(alive))
    yield _gauge("worker_slots", "Hand-overs that they can have at once.", view.slots)
    yield _gauge("worker_slots_busy", "Those that are in use.", view.busy)
    yield _gauge("workers_stuck", "Living workers in a call beyond its deadline.", len(view.stuck))
    done = GaugeMetricFamily("bellhop_worker_done", "Hand-overs since the worker started.", labels=["worker"])
    busy = GaugeMetricFamily("bellhop_worker_active", "Hand-overs that the worker has in hand.", labels=["worker"])
    longest = GaugeMetricFamily(
        "bellhop_worker_longest_call_seconds", "The longest call that the worker is in.", labels=["worker"]
    )
    for worker in alive:
        done.add_metric([worker.name], worker.done)
        busy.add_metric([worker.name], worker.active)
        longest.add_metric([worker.name], worker.longest_call)
    yield from (done, busy, longest)
