"""Counts what happened in one past minute. The sampler does so once a minute, over the newest rows only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import case, func, select

from webapp.database import reading
from webapp.extensions import db
from webapp.models import Attempt, AttemptOutcome, Message, MessageStatus
from webapp.models.types import literal_words

_FAILED = literal_words(MessageStatus.FAILED)[0]
# Only the newest rows are read: older ones ended long before the minute.
ROWS_A_MINUTE = 50_000
MOST_WAITS = 2_000  # Enough first tries for a 95th percentile.
_NEWEST = select(func.coalesce(func.max(Attempt.id), 0) - ROWS_A_MINUTE).scalar_subquery()


@dataclass(frozen=True, kw_only=True)
class MinuteCounts:
    """The part of a `Minute` that comes from the database."""

    sent: int
    failed: int
    tries: int
    retried: int
    due_p95: float | None


def read(start: datetime) -> MinuteCounts:
    """Count the minute that begins at `start`."""
    end = start + timedelta(minutes=1)
    with reading():
        tries, sent, retried = _tries(start, end)
        return MinuteCounts(
            sent=sent, failed=_failed(start, end), tries=tries, retried=retried, due_p95=p95(_waits(start, end))
        )


def _tries(start: datetime, end: datetime) -> tuple[int, int, int]:
    """Returns how many attempts ended, were accepted, and were not their message's first."""
    counted = select(
        func.count(),
        func.coalesce(func.sum(case((Attempt.outcome == AttemptOutcome.ACCEPTED, 1), else_=0)), 0),
        func.coalesce(func.sum(case((Attempt.number > 1, 1), else_=0)), 0),
    ).where(Attempt.id > _NEWEST, Attempt.ended_at >= start, Attempt.ended_at < end)
    # An attempt that was given back before its first byte does not count.
    tries, sent, retried = db.session.execute(counted.where(Attempt.outcome != AttemptOutcome.NOT_BEGUN)).one()
    return tries, int(sent), int(retried)


def _failed(start: datetime, end: datetime) -> int:
    failures = (
        select(Message.settled_at)
        .where(Message.status == _FAILED, Message.resolved_at.is_(None))
        .order_by(Message.id.desc())
        .limit(ROWS_A_MINUTE)
        .subquery()
    )
    within = failures.c.settled_at >= start, failures.c.settled_at < end
    return db.session.scalars(select(func.count()).where(*within)).one()


def _waits(start: datetime, end: datetime) -> list[float]:
    """Returns the seconds from due to hand-over of the first tries that began in the minute."""
    rows = db.session.execute(
        select(Attempt.started_at, Message.first_due_at)
        .join(Message, Message.id == Attempt.message_id)
        .where(Attempt.id > _NEWEST, Attempt.started_at >= start, Attempt.started_at < end)
        .where(Attempt.number == 1, Message.first_due_at.is_not(None))
        .order_by(Attempt.id.desc())
        .limit(MOST_WAITS)
    )
    return [max(0.0, (began - due).total_seconds()) for began, due in rows if due is not None]


def p95(values: Sequence[float]) -> float | None:
    """Returns the smallest value that 95 of 100 do not exceed; None for no values."""
    return round(sorted(values)[ceil(len(values) * 0.95) - 1], 3) if values else None
