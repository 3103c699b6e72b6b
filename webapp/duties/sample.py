"""Take one sample of Redis and the workers for everybody who looks: the only writer of the snapshot."""

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
    """Samples for one process, and remembers between samples what is needed for the next."""

    def __init__(self, of: Broker, inspector: Inspector) -> None:
        self._broker = of
        self._inspector = inspector
        self._orphans = orphans.Sweep()
        self._sweep_at = 0.0
        self._recorded: datetime | None = None
        self._minute: datetime | None = None
        self._database: DatabaseFigures | None = None

    def sample(self) -> None:
        """Look and write. With Redis away the slots' hours go on; the rest is not written, and readers see its age.

        Raises:
            Down, RedisError, OperationalError: Redis does not answer, or went away meanwhile.
        """
        seen = counts.read()
        self._record_slots(seen)
        self._broker.ask(lambda client: client.ping())  # Its deadline is short, inspect's is not.
        tasks, answers = self._inspector.look([row.name for row in seen.alive])
        taken = Snapshot(taken_at=seen.moment, tasks=tasks, answers=answers, database=self._database)
        self._broker.ask(snapshot.writer(taken))
        self._keep_minute(seen)
        if clock.monotonic() >= self._sweep_at:
            self._sweep_at = clock.monotonic() + SWEEP_EVERY
            self._broker.ask(self._orphans.step)

    def _record_slots(self, seen: Counts) -> None:
        """Once a minute, add to the hour of the slots. How long that write took is the database's figure."""
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
        """Once a minute, write down the one that ended."""
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
    """Take one sample. A Redis that is away is no fault of the duty: pages say so by themselves."""
    sampler = current_app.extensions.setdefault("bellhop_sampler", Sampler(broker.of_app(), Inspector(celery)))
    try:
        cast("Sampler", sampler).sample()
    except (Down, RedisError, OperationalError, OSError):
        return
