"""How each cause of an alert is found.

A finder returns what is wrong now; an empty list if nothing is; None if it cannot judge now (Redis does not answer), so
that an open alert stays open. Sentences are stored, in English.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from webapp import clock
from webapp.database import later, read_now, reading
from webapp.extensions import db
from webapp.models import ALIVE_SECONDS, DutyLease, WorkerRow
from webapp.monitor import channels
from webapp.monitor.format import span
from webapp.monitor.queue import queue_view
from webapp.services.alerts import unreached
from webapp.services.housekeeping import heartbeats
from webapp.services.restores import guard, wording
from webapp.settings import current


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something that is wrong now. `since` is when it began, if that is known."""

    sentence: str
    subject: str = ""
    since: datetime | None = None
    holds: float | None = None  # In place of the cause's own.


Finder = Callable[[], "list[Finding] | None"]


def no_worker() -> list[Finding]:
    """No worker takes messages off the queue. The web processes ask: nobody else is left to."""
    with reading():
        if heartbeats.any_alive():
            return []
        moment = read_now()
    seen, patience = heartbeats.last_seen(), current().alert_no_worker_seconds
    if seen is None:
        return [Finding(sentence="No worker has been running since this web process started.", holds=patience)]
    gone = (moment - seen).total_seconds()
    sentence = f"Nothing is taking messages off the queue: the last sign of life of a worker was {span(gone)} ago."
    return [Finding(sentence=sentence, since=seen)] if gone > patience else []


def oldest_waiting() -> list[Finding]:
    """A message that is due has waited too long."""
    view = queue_view()
    waited = view.oldest_waiting_seconds
    if waited is None or waited <= current().alert_oldest_seconds:
        return []
    messages = "1 message is" if view.queued == 1 else f"{view.queued} messages are"
    sentence = f"{messages} due now, the oldest for {span(waited)}."
    return [Finding(sentence=sentence, since=clock.now() - timedelta(seconds=waited))]


def failed_share() -> list[Finding]:
    """Too many guests were not reached within the last hour, and not by faults of their own addresses.

    While no worker runs nothing settles, and another alert is open.
    """
    with reading():
        guests = unreached.of_last_hour()
    sentence = f"Of {guests.told} guests of the last hour {guests.lost} were not reached ({guests.share:.0%})."
    return [Finding(sentence=sentence)] if guests.are_many else []


def older_database() -> list[Finding]:
    """The database is older than what was sent from it, and no admin has looked."""
    mark = guard.state()
    return [Finding(sentence=wording.found(mark), since=mark.held_at)] if mark is not None and mark.is_held else []


def channel_paused() -> list[Finding]:
    """A channel is paused by a person or by itself. An older database pauses all, and is an alert of its own."""
    closed = [channel for channel in channels.read() if channel.is_paused and not channel.is_held]
    return [
        Finding(
            subject=channel.name,
            since=channel.since,
            sentence=f"Paused by {channel.by or 'Bellhop'}: {channel.why or 'no reason was given'}".rstrip(".") + ".",
        )
        for channel in closed
    ]


def redis_away() -> list[Finding]:
    """Redis does not answer, or answers and accepts nothing."""
    problem = queue_view().broker_problem
    return [Finding(sentence=problem)] if problem else []


def redis_memory() -> list[Finding] | None:
    """Redis has used most of the memory that it may use."""
    view = queue_view()
    if view.broker is None or view.bells is None:
        return None
    used, limit = view.broker.memory_used, view.broker.memory_limit
    if used is None or limit is None:
        return []  # Its user may not ask for INFO: an alert that cannot be judged would never end.
    if not limit or used <= limit * current().alert_redis_memory_share:
        return []
    return [Finding(sentence=f"{used / 2**20:.1f} of {limit / 2**20:.1f} MiB are used ({used / limit:.0%}).")]


def redis_disk() -> list[Finding] | None:
    """Redis cannot save what it holds."""
    view = queue_view()
    if view.broker is None or view.bells is None:
        return None
    sentence = "Its last write to disk failed: a restart would lose wake-up calls, which are made again."
    return [Finding(sentence=sentence)] if view.broker.cannot_write else []


def late_duties(pauses: Mapping[str, float]) -> list[Finding]:
    """Background jobs that are late, or that fail. `pauses`: the seconds between two turns of each.

    Nobody could run them before the oldest of the present workers had started.
    """
    alive = WorkerRow.stopped_at.is_(None), WorkerRow.seen_at > later(-ALIVE_SECONDS)
    with reading():
        moment = read_now()
        start = db.session.scalar(select(func.min(WorkerRow.started_at)).where(*alive))
        rows = {
            name: (done_at, error)
            for name, done_at, error in db.session.execute(
                select(DutyLease.name, DutyLease.done_at, DutyLease.error).where(DutyLease.name.in_(pauses))
            )
        }
    late = [_late(name, pause, *rows.get(name, (None, "")), start or moment, moment) for name, pause in pauses.items()]
    return [finding for finding in late if finding]


def _late(
    name: str, pause: float, done_at: datetime | None, error: str, start: datetime, moment: datetime
) -> Finding | None:
    patience = current().alert_duty_seconds
    if error:  # It runs in time, and fails.
        return Finding(subject=name, sentence=f"It fails at every turn: {error}", holds=patience)
    expected = max(done_at or start, start) + timedelta(seconds=pause)
    if moment - expected <= timedelta(seconds=patience):
        return None
    ago = f"was done last {span((moment - done_at).total_seconds())} ago" if done_at else "was never done"
    return Finding(subject=name, sentence=f"The background job {name} {ago}.", since=expected)


# The workers look for these; for `late_duties` too, once it knows the pauses.
OF_WORKERS: dict[str, Finder] = {
    "older_database": older_database,
    "oldest_waiting": oldest_waiting,
    "failed_share": failed_share,
    "channel_paused": channel_paused,
    "redis_away": redis_away,
    "redis_memory": redis_memory,
    "redis_disk": redis_disk,
}
OF_WEB: dict[str, Finder] = {"no_worker": no_worker}
