"""Finds the board's messages by their ids, newest first, at a cost that does not grow with the table.

A walk reads along the index that has the fewest rows ahead, and applies the other filters to each row that it passes.
It passes LOOK rows at most: two filters that hardly ever match together would need the whole table. A walk that ends
early says how far it came, and the next walk goes on from there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from webapp.extensions import db
from webapp.models import ChannelName, Message, MessageStatus
from webapp.models.types import literal_words
from webapp.services import search
from webapp.services.board.filters import NOT_REACHED, RESOLVED, Filters
from webapp.services.messages import reached

LOOK = 5_000
PROBE = 1_000  # How far ahead the indexes are compared.
FEW = 500  # With more bookings than these, a walk along the messages finds a page sooner than the bookings' index.
# The order of ids is nearly the order of due times; this much disorder is allowed.
SLACK, SLACK_ROWS = timedelta(hours=1), 500
# The columns that the filters of a walk need.
_PASSED = (
    Message.id, Message.booking_id, Message.channel, Message.event, Message.status, Message.error_code,
    Message.resolved_at, Message.first_due_at, Message.reference, Message.act_id, Message.falls_back,
)  # fmt: skip


@dataclass(frozen=True)
class Stretch:
    """The ids between which to look; all ids by default."""

    above: int | None = None
    below: int | None = None
    rises: bool = False  # From old to new.

    def holds(self, number: Any) -> list[ColumnElement[bool]]:
        return [
            *([number > self.above] if self.above is not None else []),
            *([number < self.below] if self.below is not None else []),
        ]

    def order(self, number: Any) -> Any:
        return number.asc() if self.rises else number.desc()


@dataclass(frozen=True)
class Found:
    """The ids that match, in the walk's order. `reached` is the last id of a walk that ended early, otherwise None."""

    ids: list[int]
    reached: int | None = None


@dataclass(frozen=True)
class Way:
    """An index to walk along, and the filters that it answers."""

    index: str
    answers: ColumnElement[bool]
    names: frozenset[str]


def find(filters: Filters, stretch: Stretch, most: int, *, tip: int | None = None) -> Found:
    """Returns the first `most` messages that match on a stretch.

    With `tip`: only the newest match of each booking, among messages up to the id `tip`.
    """
    inside = _by_days(filters, stretch)
    if inside is None:
        return Found([])
    named = search.few(filters.text, FEW) if filters.text else None
    way = _sparsest(_ways(filters, named), inside)
    rest = [name for name in filters.narrowed if way is None or name not in way.names]
    along = passed(way, inside)
    if not rest and tip is None:
        return Found(list(db.session.scalars(along.with_only_columns(Message.id).limit(most))))
    for look in (LOOK // 10, LOOK):  # SQLite reads a whole look before it returns a row; a short look is mostly enough.
        rows = along.limit(look).subquery()
        query = select(rows.c.id).where(*conditions(filters, rows.c, rest))
        if tip is not None:
            query = query.where(~_newer(filters, rows.c, tip))
        ids = list(db.session.scalars(query.order_by(inside.order(rows.c.id)).limit(most)))
        if len(ids) >= most:
            return Found(ids)
    return Found(ids, _end(along))


def conditions(filters: Filters, row: Any, names: Sequence[str] | None = None) -> list[ColumnElement[bool]]:
    """Returns the conditions of these filters (by default: all) for a message, or for something with its columns."""
    asked = filters.narrowed if names is None else names
    first, last = filters.span
    made: dict[str, Callable[[], ColumnElement[bool]]] = {
        "status": lambda: in_status(filters, row),
        "channel": lambda: row.channel == _literal(filters.channel),
        "event": lambda: row.event == _literal(filters.event),
        "cause": lambda: row.error_code == filters.cause,
        "text": lambda: _about(filters.text, row),
        "first": lambda: row.first_due_at >= first,
        "last": lambda: row.first_due_at < last,
    }
    return [made[name]() for name in asked]


def in_status(filters: Filters, row: Any) -> ColumnElement[bool]:
    """Returns the condition for the status: a failure counts until it is resolved. Literal, for a partial index."""
    if filters.status == NOT_REACHED:
        return and_(*reached.lost(row))
    if filters.status == RESOLVED:
        return and_(row.status == _literal(MessageStatus.FAILED), row.resolved_at.is_not(None))
    same = row.status == _literal(filters.status)
    return and_(same, row.resolved_at.is_(None)) if filters.status is MessageStatus.FAILED else same


def tip() -> int:
    """Returns the newest id of all messages; 0 if there are none."""
    return db.session.scalar(select(func.max(Message.id))) or 0


def _literal(member: Any) -> ColumnElement[str]:
    assert isinstance(member, StrEnum | ChannelName)
    return literal_words(member)[0]


def passed(way: Way | None, stretch: Stretch) -> Select[*tuple[Any, ...]]:
    """Returns the rows along a way, in order. The hint is needed because SQLite has no statistics."""
    rows = select(*_PASSED).where(*stretch.holds(Message.id)).order_by(stretch.order(Message.id))
    return rows.where(way.answers).with_hint(Message, f"INDEXED BY {way.index}", "sqlite") if way else rows


def _end(along: Select[*tuple[Any, ...]]) -> int | None:
    """Returns the last id that a walk of LOOK rows passes; None if there are fewer rows."""
    return db.session.scalar(along.with_only_columns(Message.id).offset(LOOK - 1).limit(1))


def _ways(filters: Filters, named: Sequence[int] | None) -> list[Way]:
    """Returns the indexes that answer one of the filters. A search that finds few bookings has one way only."""
    if named:
        return [Way("ix_message_booking_id", Message.booking_id.in_(named), frozenset({"text"}))]
    if named is not None:  # Only a test message can match.
        return [Way("ix_message_booking_id", Message.booking_id.is_(None), frozenset())]
    ways = [by_status(filters)] if filters.status else []
    if filters.channel:
        same = Message.channel == _literal(filters.channel)
        ways.append(Way("ix_message_channel_id", same, frozenset({"channel"})))
    if filters.event:
        same = Message.event == _literal(filters.event)
        ways.append(Way("ix_message_event_id", same, frozenset({"event"})))
    return ways


def by_status(filters: Filters) -> Way:
    """Returns the index for a status, with the other filters that it answers."""
    if filters.status is MessageStatus.FAILED and filters.cause and filters.channel:
        names = ["status", "channel", "cause"]
        return Way("failures_by_cause", and_(*conditions(filters, Message, names)), frozenset(names))
    if filters.status in (MessageStatus.FAILED, NOT_REACHED):
        return Way("failures", in_status(filters, Message), frozenset({"status"}))
    status = MessageStatus.FAILED if filters.status == RESOLVED else filters.status
    answered = frozenset[str]() if filters.status == RESOLVED else frozenset({"status"})
    return Way("ix_message_status_id", Message.status == _literal(status), answered)


def _sparsest(ways: Sequence[Way], stretch: Stretch) -> Way | None:
    """Returns the way with the fewest rows ahead: the one whose row number PROBE is farthest away."""
    if len(ways) < 2:
        return ways[0] if ways else None
    far: dict[int, Way] = {}
    for way in ways:
        ahead = passed(way, stretch).with_only_columns(Message.id).offset(PROBE).limit(1)
        reach = db.session.scalar(ahead)
        if reach is None:
            return way
        far[reach] = way
    return far[max(far) if stretch.rises else min(far)]


def _newer(filters: Filters, row: Any, tip: int) -> ColumnElement[bool]:
    """Returns whether the same booking has a newer message that matches too. The text filter is about the booking."""
    other = aliased(Message)
    names = [name for name in filters.narrowed if name != "text"]
    found = select(other.id).where(
        other.booking_id == row.booking_id, other.id > row.id, other.id <= tip, *conditions(filters, other, names)
    )
    return exists(found.with_hint(other, "INDEXED BY ix_message_booking_id", "sqlite").correlate(row.id.table))


def _by_days(filters: Filters, stretch: Stretch) -> Stretch | None:
    """Returns the stretch of ids on which messages of these days can lie; None if there are none."""
    first, last = filters.span
    if filters.errors:
        return None
    above, below = stretch.above, stretch.below
    if first:
        start = _edge(first, rises=True)
        if start is None:
            return None  # No message was due so late.
        above = max(start - 1, above or 0)
    if last:
        end = _edge(last, rises=False)
        if end is None:
            return None
        below = end + 1 if below is None else min(end + 1, below)
    return Stretch(above, below, stretch.rises)


def _edge(moment: datetime, *, rises: bool) -> int | None:
    """Returns an id beyond which no message was due on the far side of a moment; None if none was due there at all."""
    due = Message.first_due_at
    side = due >= moment - SLACK if rises else due < moment + SLACK
    near = select(Message.id).where(side).order_by(due.asc() if rises else due.desc()).limit(SLACK_ROWS).subquery()
    return db.session.scalar(select(func.min(near.c.id) if rises else func.max(near.c.id)))


def _about(text: str, row: Any) -> ColumnElement[bool]:
    """Returns the condition that a message is about a booking that the text finds."""
    # A test message has a reference and no booking.
    of_test = and_(row.booking_id.is_(None), search.begins(row.reference, text.upper()))
    return or_(search.is_about(row.booking_id, text), of_test)
