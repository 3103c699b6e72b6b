"""What happened in one minute that has ended: counted once a minute by the sampler, over the newest rows alone."""

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
# Of a minute, only rows this far from the newest are looked at: the rest ended long before.
ROWS_A_MINUTE = 50_000
MOST_WAITS = 2_000  # So many first tries are enough to say how late 95 of 100 were.
_NEWEST = select(func.coalesce(func.max(Attempt.id), 0) - ROWS_A_MINUTE).scalar_subquery()


@dataclass(frozen=True, kw_only=True)
class MinuteCounts:
    """The database's side of a `Minute`; its fields say what is meant."""

    sent: int
    failed: int
    tries: int
    retried: int
    due_p95: float | None


def read(start: datetime) -> MinuteCounts:
    """Count the minute from `start`."""
    end = start + timedelta(minutes=1)
    with reading():
        tries, sent, retried = _tries(start, end)
        return MinuteCounts(
            sent=sent, failed=_failed(start, end), tries=tries, retried=retried, due_p95=p95(_waits(start, end))
        )


def _tries(start: datetime, end: datetime) -> tuple[int, int, int]:
    """Attempts that ended, those that were taken, and those that were not their message's first."""
    counted = select(
        func.count(),
        func.coalesce(func.sum(case((Attempt.outcome == AttemptOutcome.ACCEPTED, 1), else_=0)), 0),
        func.coalesce(func.sum(case((Attempt.number > 1, 1), else_=0)), 0),
    ).where(Attempt.id > _NEWEST, Attempt.ended_at >= start, Attempt.ended_at < end)
    # One that was given back before its first byte was no try.
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
    """Seconds from due to hand-over of the first tries that began in the minute."""
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
    """The smallest value that 95 of 100 do not exceed; None of none."""
    return round(sorted(values)[ceil(len(values) * 0.95) - 1], 3) if values else None
