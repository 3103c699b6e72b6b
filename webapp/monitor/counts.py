"""How many messages wait, run and are retried: counted by the partial indexes, never over settled rows.

`tests/monitor/test_counts_plan.py` holds the plan of each: with a backlog of 60,000 they take
milliseconds, and a tenth of a second or two where SQLite picks another index.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, select

from webapp.database import later, now, reading
from webapp.extensions import db
from webapp.models import ALIVE_SECONDS, Attempt, AttemptOutcome, Message, MessageStatus, WorkerRow
from webapp.models.types import Usual, literal_words
from webapp.monitor.view import HandOver

_WAITING, _SENDING, _UNCERTAIN, _FAILED = literal_words(
    MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN, MessageStatus.FAILED
)
MOST_SHOWN = 50
SILENT_SECONDS = 3600.0  # A worker that was killed is shown for so long, then left out.
# Of a minute, only rows this far from the newest are looked at: the rest ended long before.
ROWS_A_MINUTE = 50_000


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The database's side of the queue, by one clock: the database's."""

    moment: datetime
    queued: int  # Waiting and due.
    retrying: int  # Not due yet, after a try that failed.
    due_later: int  # Not due yet, and never tried.
    running: int
    uncertain: int
    oldest_due_at: datetime | None
    handovers: tuple[HandOver, ...]
    workers: tuple[WorkerRow, ...]


def statements() -> dict[str, Select[int]]:
    """One statement a figure."""
    count = select(func.count()).select_from(Message)
    waiting, sending = count.where(Usual(Message.status == _WAITING)), count.where(Usual(Message.status == _SENDING))
    later_ones = waiting.where(Message.due_at > now())
    return {
        "queued": waiting.where(Message.due_at <= now()),
        "retrying": later_ones.where(Message.tries_used > 0),
        "due_later": later_ones.where(Message.tries_used == 0),
        "running": sending.where(Message.lease_until > now()),
        "overdue": sending.where(Message.lease_until <= now()),
        "uncertain": count.where(Message.status == _UNCERTAIN),
    }


def oldest_due() -> Select[datetime]:
    """When the message that has waited longest was due."""
    due = select(Message.due_at).where(Usual(Message.status == _WAITING), Message.due_at <= now())
    return due.order_by(Message.due_at).limit(1)


def read() -> Counts:
    """All counts, the hand-overs under way, and the workers that were seen in the last hour."""
    with reading():
        found = {name: db.session.scalars(statement).one() for name, statement in statements().items()}
        moment = db.session.scalars(select(now())).one()
        workers = tuple(db.session.scalars(_workers()))
        counts = Counts(
            moment=moment,
            oldest_due_at=db.session.scalar(oldest_due()),
            # Past its lease nobody knows whether it is still being handed over: staff read "Checking".
            uncertain=found.pop("uncertain") + found.pop("overdue"),
            handovers=_handovers(moment),
            workers=workers,
            **found,
        )
        for worker in workers:
            db.session.expunge(worker)
    return counts


def is_alive(worker: WorkerRow, moment: datetime) -> bool:
    """Whether it gave a sign of life in the last seconds."""
    return (moment - worker.seen_at).total_seconds() <= ALIVE_SECONDS


def _workers() -> Select[WorkerRow]:
    alive = WorkerRow.stopped_at.is_(None), WorkerRow.seen_at > later(-SILENT_SECONDS)
    return select(WorkerRow).where(*alive).order_by(WorkerRow.started_at, WorkerRow.name).limit(MOST_SHOWN)


def _handovers(moment: datetime) -> tuple[HandOver, ...]:
    rows = db.session.execute(
        select(Message.guest_id, Message.channel, Message.reference, Attempt.worker, Attempt.started_at)
        .join(Attempt, Attempt.token == Message.token)
        .where(Usual(Message.status == _SENDING), Message.lease_until > now())
        .order_by(Message.lease_until)
        .limit(MOST_SHOWN)
    )
    return tuple(
        HandOver(guest_id=guest_id, channel=channel, reference=reference, worker=worker,
                 seconds=max(0.0, (moment - started_at).total_seconds()))
        for guest_id, channel, reference, worker, started_at in rows
    )  # fmt: skip


def minute(start: datetime) -> tuple[int, int]:
    """How many attempts the providers took, and how many messages failed, in the minute from `start`."""
    end = start + timedelta(minutes=1)
    newest = select(func.coalesce(func.max(Attempt.id), 0)).scalar_subquery()
    sent = (
        select(func.count())
        .select_from(Attempt)
        .where(Attempt.id > newest - ROWS_A_MINUTE, Attempt.ended_at >= start, Attempt.ended_at < end)
        .where(Attempt.outcome == AttemptOutcome.ACCEPTED)
    )
    failures = (
        select(Message.settled_at)
        .where(Message.status == _FAILED, Message.resolved_at.is_(None))
        .order_by(Message.id.desc())
        .limit(ROWS_A_MINUTE)
        .subquery()
    )
    failed = select(func.count()).where(failures.c.settled_at >= start, failures.c.settled_at < end)
    with reading():
        return db.session.scalars(sent).one(), db.session.scalars(failed).one()
