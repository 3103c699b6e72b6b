"""The statements of the hourly tallies: one that counts an hour by its index, and one that writes it anew.

`tests/services/figures/test_rollup_plan.py` holds the plan of the first: it reads the hour's messages and no other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, Insert, Select, and_, case, delete, func, literal_column, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from webapp.database import upsert
from webapp.models import TAKEN, Attempt, AttemptOutcome, ChannelName, Event, HourTally, Message, MessageStatus

# Seconds from falling due to being taken; HourTally.waits has a count for each, and one for what took longer.
BOUNDS = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
IN_TIME = 10
_KEY = ("hour", "channel", "event")


class Between(FunctionElement[float]):
    """SQL for the seconds from one moment to a later one; on SQLite to the millisecond."""

    inherit_cache = True
    name = "between"


@compiles(Between, "postgresql")
def _between_on_postgresql(element: Between, compiler: Any, **kw: Any) -> str:
    start, end = element.clauses
    return f"extract(epoch FROM {compiler.process(end, **kw)} - {compiler.process(start, **kw)})"


@compiles(Between, "sqlite")
def _between_on_sqlite(element: Between, compiler: Any, **kw: Any) -> str:
    start, end = element.clauses
    return f"round((julianday({compiler.process(end, **kw)}) - julianday({compiler.process(start, **kw)})) * 86400, 3)"


def _place() -> ColumnElement[int | None]:
    """Which of BOUNDS the wait of a taken message is within; null for what was not taken.

    What a person had to send again counts as beyond them all: the first hand-over did not reach the guest.
    """
    waited = Between(Message.first_due_at, Message.sent_at)
    not_taken = or_(Message.status.not_in(TAKEN), Message.sent_at.is_(None))
    return case(
        (not_taken, None),
        (Message.retried_by != "", len(BOUNDS)),
        *((waited <= bound, place) for place, bound in enumerate(BOUNDS)),
        else_=len(BOUNDS),
    )


def _charged() -> ColumnElement[int]:
    """SMS parts that a real provider took: each hand-over that it took costs, whether or not the SMS arrived."""
    taken = or_(Attempt.outcome == AttemptOutcome.ACCEPTED, Attempt.receipt_rank > 0)
    hand_overs = (
        select(func.count())
        .where(Attempt.message_id == Message.id, Attempt.provider != "sandbox", taken)
        .scalar_subquery()
    )
    is_charged = and_(Message.channel == ChannelName.SMS, Message.simulated.is_(False), Message.attempts_made > 0)
    return case((is_charged, Message.segments * hand_overs), else_=0)


def count(start: datetime, end: datetime) -> Select[ChannelName, Event, MessageStatus, int | None, int, int, int]:
    """Count what first fell due from `start` until before `end`, by channel, event, status and wait."""
    return (
        select(
            Message.channel,
            Message.event,
            Message.status,
            _place().label("place"),
            func.count().label("number"),
            func.count().filter(Message.attempts_made > 1).label("retried"),
            func.sum(_charged()).label("segments"),
        )
        .where(Message.first_due_at >= start, Message.first_due_at < end)
        # By its name: written out again, its values would be other parameters, and PostgreSQL would not know it.
        .group_by(Message.channel, Message.event, Message.status, literal_column("place"))
    )


def first_due() -> Select[datetime | None]:
    """When the oldest message that is kept fell due."""
    return select(func.min(Message.first_due_at))


def clear(hours: Sequence[datetime], moment: datetime) -> Delete:
    """Take away what was counted before a moment."""
    return delete(HourTally).where(HourTally.hour.in_(hours), HourTally.taken_at < moment)


def write() -> Insert:
    """Write tallies; one that was counted later than ours stays as it is."""
    new: Any = upsert(HourTally)
    changes = {column.name: new.excluded[column.name] for column in HourTally.__table__.c if column.name not in _KEY}
    statement: Insert = new.on_conflict_do_update(
        index_elements=_KEY, set_=changes, where=HourTally.taken_at <= new.excluded.taken_at
    )
    return statement
