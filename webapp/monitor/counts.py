"""How many messages wait, run and are retried: counted by the partial indexes, never over settled rows.

`tests/monitor/test_counts_plan.py` holds the plan of each: with a backlog of 60,000 they take
milliseconds, and a tenth of a second or two where SQLite picks another index.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from webapp.database import later, now, read_now, reading
from webapp.extensions import db
from webapp.models import ALIVE_SECONDS, Attempt, Message, MessageStatus, WorkerRow
from webapp.models.types import Usual, literal_words
from webapp.monitor.view import HandOver
from webapp.settings import current

_WAITING, _SENDING, _UNCERTAIN = literal_words(MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN)
MOST_SHOWN = 50
SILENT_SECONDS = 3600.0  # A worker that was killed is shown for so long, then left out.
# Past its deadline a hand-over has so long to be written down before it is called late.
GRACE_SECONDS = 2.0


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

    @property
    def alive(self) -> list[WorkerRow]:
        """The workers that gave a sign of life lately."""
        return [worker for worker in self.workers if is_alive(worker, self.moment)]

    @property
    def busy(self) -> int:
        """How many of their slots are in use."""
        return sum(worker.active for worker in self.alive)

    @property
    def slots(self) -> int:
        """How many hand-overs they can have at once."""
        return sum(worker.concurrency for worker in self.alive)


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
        moment = read_now()
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
        select(
            Message.id,
            Message.guest_id,
            Message.channel,
            Message.reference,
            Message.booking_id,
            Attempt.worker,
            Attempt.number,
            Attempt.started_at,
        )
        .join(Attempt, Attempt.token == Message.token)
        .where(Usual(Message.status == _SENDING), Message.lease_until > now())
        .order_by(Message.lease_until)
        .limit(MOST_SHOWN)
    )
    return tuple(_handover(row, moment) for row in rows)


def _handover(row: Any, moment: datetime) -> HandOver:
    seconds = max(0.0, (moment - row.started_at).total_seconds())
    return HandOver(
        message_id=row.id,
        guest_id=row.guest_id,
        channel=row.channel,
        reference=row.reference,
        has_booking=row.booking_id is not None,
        worker=row.worker,
        attempt=row.number,
        started_at=row.started_at,
        seconds=seconds,
        is_late=seconds > current().deadline(row.channel) + GRACE_SECONDS,
    )
