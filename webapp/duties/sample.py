"""Take one sample of Redis and the workers for everybody who looks: the only writer of the snapshot."""

from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from webapp import clock
from webapp.celery_app import celery
from webapp.duties.base import Duty, Thread
from webapp.monitor import broker, counts, orphans, snapshot
from webapp.monitor.broker import Broker, Down
from webapp.monitor.counts import Counts
from webapp.monitor.snapshot import Snapshot
from webapp.monitor.view import Minute
from webapp.monitor.workers import Inspector

SWEEP_EVERY = 60.0


class Sampler:
    """Samples for one process, and remembers between samples what is needed for the next."""

    def __init__(self, of: Broker, inspector: Inspector) -> None:
        self._broker = of
        self._inspector = inspector
        self._orphans = orphans.Sweep()
        self._sweep_at = 0.0
        self._minute: datetime | None = None

    def sample(self) -> None:
        """Look and write. With Redis away nothing is written: readers see the age of what they have.

        Raises:
            Down, RedisError, OperationalError: Redis does not answer, or went away meanwhile.
        """
        self._broker.ask(lambda client: client.ping())  # Its deadline is short, inspect's is not.
        seen = counts.read()
        tasks, answers = self._inspector.look([row.name for row in seen.workers if counts.is_alive(row, seen.moment)])
        self._broker.ask(snapshot.writer(Snapshot(taken_at=seen.moment, tasks=tasks, answers=answers)))
        self._keep_minute(seen)
        if clock.monotonic() >= self._sweep_at:
            self._sweep_at = clock.monotonic() + SWEEP_EVERY
            self._broker.ask(self._orphans.step)

    def _keep_minute(self, seen: Counts) -> None:
        """Once a minute, write down the one that ended."""
        this = seen.moment.replace(second=0, microsecond=0)
        if self._minute == this:
            return
        start = this - timedelta(minutes=1)
        sent, failed = counts.minute(start)
        ended = Minute(start=start, waiting=seen.queued, running=seen.running, sent=sent, failed=failed)
        self._broker.ask(snapshot.minute_writer(ended))
        self._minute = this


def run() -> None:
    """Take one sample. A Redis that is away is no fault of the duty: pages say so by themselves."""
    sampler = current_app.extensions.setdefault("bellhop_sampler", Sampler(broker.of_app(), Inspector(celery)))
    try:
        cast("Sampler", sampler).sample()
    except (Down, RedisError, OperationalError, OSError):
        return


DUTY = Duty("sample", run, Thread.MONITOR, every=2.0)
