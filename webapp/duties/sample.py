"""Takes a sample of Redis and the workers. Only this duty writes the snapshot that all pages read."""

from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from webapp import clock
from webapp.celery_app import celery
from webapp.monitor import counts, database_figures, snapshot
from webapp.monitor.counts import Counts
from webapp.monitor.redis import broker, minute_counts, minutes, orphans
from webapp.monitor.redis.broker import Broker, Down
from webapp.monitor.redis.minutes import Minute
from webapp.monitor.snapshot import Snapshot
from webapp.monitor.view import DatabaseFigures
from webapp.monitor.workers.inspect import Inspector
from webapp.services.housekeeping import capacity

SWEEP_EVERY = 60.0


class Sampler:
    """Takes the samples of one process, and remembers what the next one needs."""

    def __init__(self, of: Broker, inspector: Inspector) -> None:
        self._broker = of
        self._inspector = inspector
        self._orphans = orphans.Sweep()
        self._sweep_at = 0.0
        self._recorded: datetime | None = None
        self._minute: datetime | None = None
        self._database: DatabaseFigures | None = None

    def sample(self) -> None:
        """Take one sample. While Redis is away only the slots' hours are written.

        Raises:
            Down, RedisError, OperationalError: Redis does not answer.
        """
        seen = counts.read()
        self._record_slots(seen)
        self._broker.ask(lambda client: client.ping())  # This fails fast if Redis is away; inspect would not.
        tasks, answers = self._inspector.look([row.name for row in seen.alive])
        taken = Snapshot(taken_at=seen.moment, tasks=tasks, answers=answers, database=self._database)
        self._broker.ask(snapshot.writer(taken))
        self._keep_minute(seen)
        if clock.monotonic() >= self._sweep_at:
            self._sweep_at = clock.monotonic() + SWEEP_EVERY
            self._broker.ask(self._orphans.step)

    def _record_slots(self, seen: Counts) -> None:
        """Once a minute, add to the slots' hour. The duration of this write is a figure of the database."""
        this = _minute_of(seen.moment)
        if self._recorded == this:
            return
        kind, size = database_figures.kind(), database_figures.size()
        begun = clock.monotonic()
        capacity.record(seen.moment, busy=seen.busy, slots=seen.slots, waiting=seen.queued)
        took = (clock.monotonic() - begun) * 1000
        self._database = DatabaseFigures(kind=kind, size=size, write_ms=round(took, 1), at=seen.moment)
        self._recorded = this

    def _keep_minute(self, seen: Counts) -> None:
        """Once a minute, store the minute that has ended."""
        this = _minute_of(seen.moment)
        if self._minute == this:
            return
        start = this - timedelta(minutes=1)
        ended = Minute(
            start=start,
            waiting=seen.queued,
            running=seen.running,
            busy=seen.busy,
            slots=seen.slots,
            memory=self._broker.figures().memory_used,
            **vars(minute_counts.read(start)),
        )
        self._broker.ask(minutes.writer(ended))
        self._minute = this


def _minute_of(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


SECONDS = 2.0  # Between two samples.


def run() -> None:
    """Take one sample. A Redis that is away is not an error of this duty: pages show it anyway."""
    sampler = current_app.extensions.setdefault("bellhop_sampler", Sampler(broker.of_app(), Inspector(celery)))
    try:
        cast("Sampler", sampler).sample()
    except (Down, RedisError, OperationalError, OSError):
        return
