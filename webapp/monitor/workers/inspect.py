"""Asks the workers by Celery's inspect. Only the sampler does so, and it names the workers that it asks.

A broadcast waits its whole timeout, a directed question only for the named workers. A timeout below a second loses
every second answer. The asking process must be bound with WORKER_TIMEOUT, since an answer is awaited by a BRPOP that
blocks for up to a second.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from celery import Celery
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from webapp import clock
from webapp.monitor.snapshot import WorkerAnswer
from webapp.monitor.workers.view import RunningTask

TIMEOUT = 1.0
REDISCOVER_SECONDS = 20.0
ARGS_SHOWN = 100
RESERVED_SHOWN = 20
DELIVER = "tasks.deliver"
Reply = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Facts that change rarely: asked of new workers and at each rediscovery."""

    registered: tuple[str, ...] | None = None
    memory_mb: float | None = None
    pid: int | None = None
    prefetch: int | None = None
    taken: int | None = None


class Inspector:
    """Remembers which workers live or were silent, and their facts. Not shared between threads."""

    def __init__(self, app: Celery) -> None:
        self._app = app
        self._found: frozenset[str] = frozenset()
        self._silent: frozenset[str] = frozenset()
        self._facts: dict[str, Facts] = {}
        self._rediscover_at = 0.0

    def look(self, roster: Collection[str]) -> tuple[tuple[RunningTask, ...] | None, tuple[WorkerAnswer, ...]]:
        """Returns the running tasks (None if no worker answered) and each worker's answer.

        Raises:
            RedisError, OperationalError, OSError: Redis was away twice in a row.
        """
        if clock.monotonic() >= self._rediscover_at:
            active = self._ask("active", None)
            self._found, self._silent, self._facts = frozenset(active), frozenset(), {}
            self._rediscover_at = clock.monotonic() + REDISCOVER_SECONDS
        else:
            # A silent worker would make the question last its whole timeout: it waits for the next broadcast.
            asked = sorted((self._found | frozenset(roster)) - self._silent)
            active = self._ask("active", asked)
            self._silent |= frozenset(asked) - frozenset(active)
        names = sorted(active)
        reserved = self._ask("reserved", names)
        self._learn([name for name in names if name not in self._facts])
        running = tuple(running_task(name, task) for name in names for task in active[name] or ())
        answers = tuple(_answer(name, reserved, self._facts.get(name, Facts())) for name in names)
        return (running if names else None), answers

    def _learn(self, names: Sequence[str]) -> None:
        """Ask new workers for their facts."""
        registered, stats = self._ask("registered", names), self._ask("stats", names)
        for name in names:
            self._facts[name] = facts(registered.get(name), stats.get(name))

    def _ask(self, what: str, names: Sequence[str] | None) -> Reply:
        """Ask one question. Without names everybody is asked, and the whole timeout passes."""
        if names is not None and not names:
            return {}

        def question() -> Reply:
            reply: Reply | None = getattr(self._app.control.inspect(destination=names, timeout=TIMEOUT), what)()
            return reply or {}

        return _twice(question)


def _twice(question: Callable[[], Reply]) -> Reply:
    """Ask again after one failure: after a restart of Redis a pooled socket fails once, and inspect gives up."""
    try:
        return question()
    except (RedisError, OperationalError, OSError):
        return question()


def _answer(name: str, reserved: Reply, known: Facts) -> WorkerAnswer:
    waiting = reserved.get(name)
    return WorkerAnswer(
        name=name,
        reserved=None if waiting is None else len(waiting),
        reserved_tasks=tuple(running_task(name, task) for task in (waiting or ())[:RESERVED_SHOWN]),
        **vars(known),
    )


def facts(registered: Sequence[str] | None, stats: Mapping[str, Any] | None) -> Facts:
    """Returns the facts in a worker's answers. What it did not say is None."""
    stats = stats or {}
    total = stats.get("total")
    return Facts(
        registered=None if registered is None else tuple(sorted(registered)),
        memory_mb=memory_mb(stats),
        pid=_number(stats.get("pid")),
        prefetch=_number(stats.get("prefetch_count")),
        taken=sum(total.values()) if isinstance(total, Mapping) else None,
    )


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def running_task(worker: str, task: Mapping[str, Any]) -> RunningTask:
    """Returns a running task from its worker's description."""
    name, args, started = str(task.get("name", "")), task.get("args") or [], task.get("time_start")
    drains = name == DELIVER and isinstance(args, list) and bool(args) and isinstance(args[0], int)
    return RunningTask(
        id=str(task.get("id", "")),
        name=name,
        args=", ".join(map(repr, args))[:ARGS_SHOWN] if isinstance(args, list) else str(args)[:ARGS_SHOWN],
        worker=worker,
        seconds=None if started is None else max(0.0, clock.now().timestamp() - float(started)),
        started_at=None if started is None else datetime.fromtimestamp(float(started), UTC),
        guest_id=args[0] if drains else None,
    )


def memory_mb(stats: Mapping[str, Any] | None) -> float | None:
    """Returns the most memory that a worker ever used, in MB; None if its system does not say."""
    usage = (stats or {}).get("rusage")
    most = usage.get("maxrss") if isinstance(usage, Mapping) else None
    if not isinstance(most, int | float):
        return None
    # Linux counts in KiB, macOS in bytes; no worker holds 64 GiB.
    return round(most / (1024 if most < 2**26 else 2**20), 1)
