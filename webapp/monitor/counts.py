"""How many messages wait, run and are retried, counted by the partial indexes, never over settled rows.

`tests/monitor/test_counts_plan.py` checks the plan of each: with a backlog of 60,000 they take milliseconds, but 0.1 to
0.2 s if SQLite picks another index.
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
SILENT_SECONDS = 3600.0  # A killed worker is shown for this long.
GRACE_SECONDS = 2.0  # To write down a hand-over after its deadline, before it counts as late.


@dataclass(frozen=True, kw_only=True)
class Counts:
    """The database's part of the queue, by the database's clock."""

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
        """The workers with a recent heartbeat."""
        return [worker for worker in self.workers if is_alive(worker, self.moment)]

    @property
    def busy(self) -> int:
        """Their slots in use."""
        return sum(worker.active for worker in self.alive)

    @property
    def slots(self) -> int:
        """All their slots."""
        return sum(worker.concurrency for worker in self.alive)


def statements() -> dict[str, Select[int]]:
    """Returns one statement for each figure."""
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
    """Returns the statement that reads when the longest waiting message was due."""
    due = select(Message.due_at).where(Usual(Message.status == _WAITING), Message.due_at <= now())
    return due.order_by(Message.due_at).limit(1)


def read() -> Counts:
    """Returns all counts, the current hand-overs, and the workers of the last hour."""
    with reading():
        found = {name: db.session.scalars(statement).one() for name, statement in statements().items()}
        moment = read_now()
        workers = tuple(db.session.scalars(_workers()))
        counts = Counts(
            moment=moment,
            oldest_due_at=db.session.scalar(oldest_due()),
            # Past its lease nobody knows whether it is still being sent: staff read "Checking".
            uncertain=found.pop("uncertain") + found.pop("overdue"),
            handovers=_handovers(moment),
            workers=workers,
            **found,
        )
        for worker in workers:
            db.session.expunge(worker)
    return counts


def is_alive(worker: WorkerRow, moment: datetime) -> bool:
    """Returns whether the worker's heartbeat is recent."""
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
