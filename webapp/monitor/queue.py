"""The state of the queue for all pages: counts from the database, live figures from Redis, and the last snapshot.

However many people look, each process reads the database and Redis once a second. Whatever Redis does, a look takes
well under two seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

from flask import current_app
from redis import Redis

from webapp import clock
from webapp.models import WorkerRow
from webapp.monitor import counts, snapshot
from webapp.monitor.counts import Counts
from webapp.monitor.redis import broker, minutes
from webapp.monitor.redis import info as figures
from webapp.monitor.redis.broker import Broker, Down
from webapp.monitor.redis.minutes import Minute
from webapp.monitor.shared import Shared
from webapp.monitor.snapshot import Snapshot
from webapp.monitor.view import BrokerFigures, QueueView
from webapp.monitor.workers.view import NEW_SECONDS, WorkerView
from webapp.settings import current

STALE_SECONDS = 15.0
MINUTES_SHOWN = 60
DAY_FRESH_SECONDS = 5.0
RATE_MINUTES = 5  # The minutes behind the estimate.


@dataclass(frozen=True, kw_only=True)
class _Redis:
    """The last answer of Redis, and whether it answers now."""

    up: bool = False
    problem: str = ""
    at: datetime | None = None
    figures: BrokerFigures | None = None
    snapshot: Snapshot | None = None
    minutes: tuple[Minute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Day:
    """The known minutes of the last day, and when they were read. While Redis is away they grow old."""

    at: datetime | None = None
    is_old: bool = False
    minutes: tuple[Minute, ...] = ()


class Monitor:
    """The monitor of one process. Its threads share what was read."""

    def __init__(self, of: Broker) -> None:
        self._broker = of
        self._known = _Redis()
        self._counts = Shared(counts.read)
        self._redis = Shared(self._ask)
        self._seen: tuple[Counts, _Redis, QueueView] | None = None
        self._known_day = Day()
        self._day = Shared(self._ask_for_day, seconds=DAY_FRESH_SECONDS)

    def look(self) -> QueueView:
        """Returns what the queue page shows: the same object until something was read again."""
        now, redis = self._counts.get(), self._redis.get()
        if self._seen is None or self._seen[0] is not now or self._seen[1] is not redis:
            self._seen = now, redis, _merge(now, redis)
        return self._seen[2]

    def day(self) -> Day:
        """Returns the minutes of the last day, read once for everybody who looks within a few seconds."""
        return self._day.get()

    def forget(self) -> None:
        """Read everything again at the next look."""
        for shared in (self._counts, self._redis, self._day):
            shared.forget()

    def _ask_for_day(self) -> Day:
        try:
            points = self._broker.ask(minutes.day)
        except Down:
            return replace(self._known_day, is_old=True)
        self._known_day = Day(at=clock.now(), minutes=minutes.decode(points))
        return self._known_day

    def _ask(self) -> _Redis:
        try:
            found, text, points = self._broker.ask(_everything)
        except Down as error:
            return replace(self._known, up=False, problem=str(error))
        self._known = _Redis(
            up=True,
            at=clock.now(),
            figures=found,
            # After a FLUSHALL this process still knows the last snapshot.
            snapshot=snapshot.decode(text) or self._known.snapshot,
            minutes=minutes.decode(points),
        )
        return self._known


def queue_view() -> QueueView:
    """Returns the state of the queue, by the current app's monitor."""
    return of_app().look()


def of_app() -> Monitor:
    """Returns the monitor of the current app."""
    return cast("Monitor", current_app.extensions.setdefault("bellhop_monitor", Monitor(broker.of_app())))


def _everything(client: Redis) -> tuple[BrokerFigures, str | None, list[str]]:
    with client.pipeline(transaction=False) as pipe:
        pipe.get(snapshot.KEY)
        pipe.zrange(minutes.KEY, -MINUTES_SHOWN, -1)
        text, points = pipe.execute()
    return figures.read(client), text, points


def _merge(now: Counts, redis: _Redis) -> QueueView:
    seen, live = redis.snapshot, redis.figures if redis.up else None
    age = None if seen is None else max(0.0, (now.moment - seen.taken_at).total_seconds())
    since = now.moment - timedelta(minutes=MINUTES_SHOWN + 1)
    recent = tuple(minute for minute in redis.minutes if minute.start >= since)
    up = live is not None and not live.refusal
    workers = _workers(now, seen, age)
    moves = up and any(worker.alive for worker in workers)
    waited = None if now.oldest_due_at is None else max(0.0, (now.moment - now.oldest_due_at).total_seconds())
    return QueueView(
        taken_at=seen.taken_at if seen else now.moment,
        snapshot_age=age,
        is_stale=age is None or age > STALE_SECONDS,
        broker_up=up,
        broker_problem=live.refusal if live else redis.problem,
        broker_at=redis.at,
        broker=redis.figures,
        queued=now.queued,
        due_later=now.due_later,
        retrying=now.retrying,
        running=now.running,
        uncertain=now.uncertain,
        oldest_waiting_seconds=waited,
        clears_in_seconds=_clears_in(now, recent) if moves else None,
        bells=live.bells if live else None,
        unacked=live.unacked if live else None,
        tasks=seen.tasks if seen else None,
        handovers=now.handovers,
        workers=workers,
        minutes=recent,
        database=seen.database if seen else None,
    )


def _clears_in(now: Counts, recent: Sequence[Minute]) -> float | None:
    """Returns the seconds until nothing waits, at the rate of the last minutes; None if nothing moves."""
    since = now.moment - timedelta(minutes=RATE_MINUTES + 1)
    lately = [minute.sent for minute in recent if minute.start >= since]
    return now.queued * 60 * len(lately) / sum(lately) if now.queued and sum(lately) else None


def _workers(now: Counts, seen: Snapshot | None, age: float | None) -> tuple[WorkerView, ...]:
    answers = {answer.name: answer for answer in seen.answers} if seen else {}
    fresh = age is not None and age <= STALE_SECONDS
    late = {handover.worker for handover in now.handovers if handover.is_late}
    views = []
    for row in now.workers:
        view = by_heartbeat(row, now.moment, is_late=row.name in late)
        if answer := answers.get(row.name):
            view = replace(view, answered=True, **vars(answer))
        elif fresh and view.pool != "solo" and view.uptime > NEW_SECONDS:
            view = replace(view, is_deaf=True)  # A solo worker cannot answer while it is busy.
        views.append(view)
    return tuple(sorted(views, key=lambda view: not view.alive))


def by_heartbeat(row: WorkerRow, moment: datetime, *, is_late: bool = False) -> WorkerView:
    """Returns a worker by its heartbeat. `is_late`: one of its hand-overs is past its deadline."""
    age = max(0.0, (moment - row.seen_at).total_seconds())
    return WorkerView(
        name=row.name,
        alive=row.stopped_at is None and counts.is_alive(row, moment),
        stopped_at=row.stopped_at,
        seen_at=row.seen_at,
        heartbeat_age=age,
        pool=row.pool,
        concurrency=row.concurrency,
        active=row.active,
        longest_call=row.longest_call + age if row.longest_call else 0.0,
        done=row.done,
        answered=False,
        is_stuck=is_late or row.longest_call > current().longest_handover + counts.GRACE_SECONDS,
        started_at=row.started_at,
        uptime=max(0.0, (moment - row.started_at).total_seconds()),
        version=row.version,
        stop_asked_at=row.stop_asked_at,
        stop_asked_by=row.stop_asked_by,
    )
