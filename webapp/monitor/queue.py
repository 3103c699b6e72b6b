"""One look at the queue for everybody: counts from the database, live figures from Redis, and the last snapshot.

However many people look, each process reads the database and Redis once a second; and whatever Redis
does, a look takes well under two seconds.
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
from webapp.monitor.snapshot import Snapshot, WorkerAnswer
from webapp.monitor.view import BrokerFigures, QueueView
from webapp.monitor.workers.view import NEW_SECONDS, WorkerView
from webapp.settings import current

STALE_SECONDS = 15.0
MINUTES_SHOWN = 60
DAY_FRESH_SECONDS = 5.0
RATE_MINUTES = 5  # The estimate looks back so far.


@dataclass(frozen=True, kw_only=True)
class _Redis:
    """What Redis said last, and whether that was now."""

    up: bool = False
    problem: str = ""
    at: datetime | None = None
    figures: BrokerFigures | None = None
    snapshot: Snapshot | None = None
    minutes: tuple[Minute, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Day:
    """The minutes that are known of the last day, and when they were read; with Redis away they grow old."""

    at: datetime | None = None
    is_old: bool = False
    minutes: tuple[Minute, ...] = ()


class Monitor:
    """The view of one process; its threads share what was read."""

    def __init__(self, of: Broker) -> None:
        self._broker = of
        self._known = _Redis()
        self._counts = Shared(counts.read)
        self._redis = Shared(self._ask)
        self._seen: tuple[Counts, _Redis, QueueView] | None = None
        self._known_day = Day()
        self._day = Shared(self._ask_for_day, seconds=DAY_FRESH_SECONDS)

    def look(self) -> QueueView:
        """Everything that the queue page shows; the same object as long as nothing was read anew."""
        now, said = self._counts.get(), self._redis.get()
        if self._seen is None or self._seen[0] is not now or self._seen[1] is not said:
            self._seen = now, said, _merge(now, said)
        return self._seen[2]

    def day(self) -> Day:
        """The minutes of the last day, read for all that look within a few seconds."""
        return self._day.get()

    def forget(self) -> None:
        """Read anew at the next look."""
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
        except Down as down:
            return replace(self._known, up=False, problem=str(down))
        self._known = _Redis(
            up=True,
            at=clock.now(),
            figures=found,
            # A Redis that forgot (FLUSHALL) does not make this process forget.
            snapshot=snapshot.decode(text) or self._known.snapshot,
            minutes=minutes.decode(points),
        )
        return self._known


def queue_view() -> QueueView:
    """One look at the queue, for the app at work here."""
    return of_app().look()


def of_app() -> Monitor:
    """The monitor of the app that is at work here."""
    return cast("Monitor", current_app.extensions.setdefault("bellhop_monitor", Monitor(broker.of_app())))


def _everything(client: Redis) -> tuple[BrokerFigures, str | None, list[str]]:
    with client.pipeline(transaction=False) as pipe:
        pipe.get(snapshot.KEY)
        pipe.zrange(minutes.KEY, -MINUTES_SHOWN, -1)
        text, points = pipe.execute()
    return figures.read(client), text, points


def _merge(now: Counts, said: _Redis) -> QueueView:
    seen, live = said.snapshot, said.figures if said.up else None
    age = None if seen is None else max(0.0, (now.moment - seen.taken_at).total_seconds())
    since = now.moment - timedelta(minutes=MINUTES_SHOWN + 1)
    recent = tuple(minute for minute in said.minutes if minute.start >= since)
    up = live is not None and not live.refusal
    workers = _workers(now, seen, age)
    moves = up and any(worker.alive for worker in workers)
    waited = None if now.oldest_due_at is None else max(0.0, (now.moment - now.oldest_due_at).total_seconds())
    return QueueView(
        taken_at=seen.taken_at if seen else now.moment,
        snapshot_age=age,
        is_stale=age is None or age > STALE_SECONDS,
        broker_up=up,
        broker_problem=live.refusal if live else said.problem,
        broker_at=said.at,
        broker=said.figures,
        queued=now.queued,
        due_later=now.due_later,
        retrying=now.retrying,
        running=now.running,
        uncertain=now.uncertain,
        oldest_waiting_seconds=waited,
        clears_in_seconds=_clears_in(now, recent) if moves else None,
        bells=live.bells if live else None,
        unacked=live.unacked if live else None,
        redis_version=live.version if live else None,
        redis_memory=live.memory_used if live else None,
        tasks=seen.tasks if seen else None,
        handovers=now.handovers,
        workers=workers,
        minutes=recent,
        database=seen.database if seen else None,
    )


def _clears_in(now: Counts, recent: Sequence[Minute]) -> float | None:
    """Seconds until what waits is gone at the rate of the last minutes; a backlog that does not move gives none."""
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
            view = _with_answer(view, answer)
        elif fresh and view.pool != "solo" and view.uptime > NEW_SECONDS:
            view = replace(view, is_deaf=True)  # A solo worker cannot answer while it is busy.
        views.append(view)
    return tuple(sorted(views, key=lambda view: not view.alive))


def _with_answer(view: WorkerView, answer: WorkerAnswer) -> WorkerView:
    said = {name: value for name, value in vars(answer).items() if name != "name"}
    return replace(view, answered=True, **said)


def by_heartbeat(row: WorkerRow, moment: datetime, *, is_late: bool = False) -> WorkerView:
    """A worker as its row tells of it; `is_late` says that the row of a message it sends tells of a call too long."""
    age = max(0.0, (moment - row.seen_at).total_seconds())
    longest = row.longest_call + age if row.longest_call else 0.0
    return WorkerView(
        name=row.name,
        alive=row.stopped_at is None and counts.is_alive(row, moment),
        stopped_at=row.stopped_at,
        seen_at=row.seen_at,
        heartbeat_age=age,
        pool=row.pool,
        concurrency=row.concurrency,
        active=row.active,
        longest_call=longest,
        done=row.done,
        answered=False,
        is_stuck=is_late or row.longest_call > current().longest_handover + counts.GRACE_SECONDS,
        started_at=row.started_at,
        uptime=max(0.0, (moment - row.started_at).total_seconds()),
        version=row.version,
        stop_asked_at=row.stop_asked_at,
        stop_asked_by=row.stop_asked_by,
    )
