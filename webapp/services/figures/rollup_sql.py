"""The SQL of the hourly tallies: count the messages of an hour, and write the counts.

`tests/services/figures/test_rollup_plan.py` checks that the count reads the messages of that hour and no others.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, Insert, Select, and_, case, delete, func, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from webapp.database import upsert
from webapp.models import ARRIVED, OPEN, TAKEN, Attempt, AttemptOutcome, ChannelName, HourTally, Message, MessageStatus

# Seconds from falling due to being sent. HourTally.waits has a count for each, and a last one for longer waits.
BOUNDS = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
IN_TIME = 10
_KEY = ("hour", "channel", "event")


class SecondsBetween(FunctionElement[float]):
    """SQL for the seconds from one moment to a later one; on SQLite to the millisecond."""

    inherit_cache = True
    name = "seconds_between"


@compiles(SecondsBetween, "postgresql")
def _on_postgresql(element: SecondsBetween, compiler: Any, **kw: Any) -> str:
    start, end = element.clauses
    return f"extract(epoch FROM {compiler.process(end, **kw)} - {compiler.process(start, **kw)})"


@compiles(SecondsBetween, "sqlite")
def _on_sqlite(element: SecondsBetween, compiler: Any, **kw: Any) -> str:
    start, end = element.clauses
    return f"round((julianday({compiler.process(end, **kw)}) - julianday({compiler.process(start, **kw)})) * 86400, 3)"


def _place() -> ColumnElement[int | None]:
    """Returns the index in BOUNDS of a sent message's wait; null for a message that was not sent.

    A message that a person sent again counts as longer than all bounds: the first attempt did not reach the guest.
    """
    waited = SecondsBetween(Message.first_due_at, Message.sent_at)
    not_taken = or_(Message.status.not_in(TAKEN), Message.sent_at.is_(None))
    return case(
        (not_taken, None),
        (Message.retried_by != "", len(BOUNDS)),
        *((waited <= bound, place) for place, bound in enumerate(BOUNDS)),
        else_=len(BOUNDS),
    )


def _charged() -> ColumnElement[int]:
    """Returns the SMS parts that a provider charges for: those of each attempt that it accepted, arrived or not."""
    taken = or_(Attempt.outcome == AttemptOutcome.ACCEPTED, Attempt.receipt_rank > 0)
    hand_overs = (
        select(func.count())
        .where(Attempt.message_id == Message.id, Attempt.provider != "sandbox", taken)
        .scalar_subquery()
    )
    charged = Message.channel.in_([name for name in ChannelName if name.is_charged_by_part])
    is_charged = and_(charged, Message.simulated.is_(False), Message.attempts_made > 0)
    return case((is_charged, Message.segments * hand_overs), else_=0)


# Each sum of a tally. A new one is added here, as a column of HourTally, and in a migration.
SUMS: dict[str, ColumnElement[int]] = {
    "made": func.count(),
    "open": func.count().filter(Message.status.in_(OPEN)),
    "sent": func.count().filter(Message.status.in_(TAKEN)),
    "delivered": func.count().filter(Message.status.in_(ARRIVED)),
    "failed": func.count().filter(Message.status == MessageStatus.FAILED),
    "skipped": func.count().filter(Message.status == MessageStatus.SKIPPED),
    "retried": func.count().filter(Message.attempts_made > 1),
    "in_time": func.count().filter(_place() <= BOUNDS.index(IN_TIME)),
    "segments": func.sum(_charged()),
}


def count(start: datetime, end: datetime) -> Select[*tuple[Any, ...]]:
    """Count the messages that first fell due from `start` until before `end`, by channel, event and wait."""
    sums = [expression.label(name) for name, expression in SUMS.items()]
    return (
        select(Message.channel, Message.event, _place().label("place"), *sums)
        .where(Message.first_due_at >= start, Message.first_due_at < end)
        # By its name: written out again, its values would be other parameters, and PostgreSQL would not know it.
        .group_by(Message.channel, Message.event, literal_column("place"))
    )


def first_due() -> Select[datetime | None]:
    """Returns when the oldest message in the database first fell due."""
    return select(func.min(Message.first_due_at))


def clear(hours: Sequence[datetime], moment: datetime) -> Delete:
    """Delete the tallies of these hours that were counted before a moment."""
    return delete(HourTally).where(HourTally.hour.in_(hours), HourTally.taken_at < moment)


def write() -> Insert:
    """Write tallies. A tally that was counted later than ours stays as it is."""
    new: Any = upsert(HourTally)
    changes = {column.name: new.excluded[column.name] for column in HourTally.__table__.c if column.name not in _KEY}
    statement: Insert = new.on_conflict_do_update(
        index_elements=_KEY, set_=changes, where=HourTally.taken_at <= new.excluded.taken_at
    )
    return statement
