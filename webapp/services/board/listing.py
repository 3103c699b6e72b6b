"""Reads of the delivery board: pages of messages by filters, newest first, and counts.

A page is found by its ids, so the thousandth page costs as much as the first. No count reads the whole table: only
statuses that few messages have at any time are counted, each by its own index.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, distinct, false, func, literal, select, true, union_all
from sqlalchemy.orm import defer, joinedload, selectinload

from webapp import i18n
from webapp.extensions import db
from webapp.models import Attempt, Booking, Message, MessageStatus
from webapp.services.board import index_walk
from webapp.services.board.filters import NOT_REACHED, Filters, Status
from webapp.services.board.index_walk import Stretch
from webapp.services.messages import fallback

PAGE = 50
BOOKINGS_PAGE = 25
MANY = 10_000  # No count goes further.
COUNTED: tuple[Status, ...] = (
    NOT_REACHED, MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN,
)  # fmt: skip
# In the order of their chips: first those that need attention.
STATUSES = (*COUNTED, *(status for status in MessageStatus if status not in COUNTED))
# Long columns that no list shows.
UNSHOWN = (Message.subject, Message.body, Message.html, Message.content_variables)


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first, and the ids where its neighbours begin; None if there is no neighbour."""

    messages: Sequence[Message]
    newer_than: int | None
    older_than: int | None
    # The newest message of all when the list was opened: newer ones do not move its pages.
    tip: int
    # The search ended here before the page was full: matches before this moment are not shown yet.
    looked_to: datetime | None = None

    @property
    def newest(self) -> int | None:
        """The id after which new messages begin; None on a page that is not the first."""
        return self.tip if self.newer_than is None else None


@dataclass(frozen=True)
class Count:
    """How many there are. `more`: there may be more, because counting stopped at MANY."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return i18n.number(self.number) + ("+" if self.more else "")


Counts = dict[Status, Count | None]


def page(filters: Filters, *, before: int | None = None, after: int | None = None, tip: int | None = None) -> Page:
    """Returns the newest messages that match, or those next to an id."""
    return _page(filters, PAGE, before, after, tip, apart=False)


def bookings_page(
    filters: Filters, *, before: int | None = None, after: int | None = None, tip: int | None = None
) -> Page:
    """Returns the same with one message for each booking, its newest match. A test message has its own row."""
    return _page(filters, BOOKINGS_PAGE, before, after, tip, apart=True)


def by_ids(ids: Sequence[int]) -> Sequence[Message]:
    """Returns these messages as they are now, newest first; at most a page of them."""
    failed = selectinload(Message.stands_in_for).options(*map(defer, UNSHOWN))
    # Whether a guest was reached shows in all messages of a booking.
    others = joinedload(Message.booking).selectinload(Booking.messages).options(*map(defer, UNSHOWN))
    query = select(Message).where(Message.id.in_(ids[:PAGE])).options(others, failed)
    found = db.session.scalars(query.options(*map(defer, UNSHOWN)).order_by(Message.id.desc())).all()
    fallback.see_stand_ins(found)
    return found


def counts(filters: Filters) -> Counts:
    """Returns how many messages of each status match the filters; None for statuses that are not counted.

    Of guests who were not reached the bookings are counted.
    """
    shown: Counts = dict.fromkeys(STATUSES)
    if filters.text or filters.errors:
        return shown
    found = db.session.execute(union_all(*(_count(place, filters) for place in range(len(COUNTED)))))
    return shown | {COUNTED[row.place]: Count(row.fit, row.passed >= MANY) for row in found}


def how_many(filters: Filters, found: Counts) -> int | None:
    """Returns how many messages the list has; None if that is not known."""
    count = found.get(filters.status) if filters.status else None
    return None if count is None or count.more else count.number


def news(filters: Filters, newest: int, had: int | None, found: Counts) -> int:
    """Returns how many rows are new: newer messages, or older ones that have failed since."""
    more = how_many(filters, found)
    return max(newer(filters, newest), 0 if had is None or more is None else more - had)


def newer(filters: Filters, newest: int) -> int:
    """Returns how many rows of the list are newer than an id; at most a page and one."""
    tip = index_walk.tip() if filters.by_booking else None
    return len(index_walk.find(filters, Stretch(above=newest), PAGE + 1, tip=tip).ids)


def anything(filters: Filters) -> bool:
    """Returns whether a message matches, among those that one walk passes."""
    return bool(index_walk.find(filters, Stretch(), 1).ids)


def what_helps(filters: Filters) -> list[str]:
    """Returns the filters of an empty list without which it would not be empty."""
    named = list(filters.in_words)
    return [name for name in named if anything(filters.without(name))] if len(named) > 1 else named


def beside_status(filters: Filters) -> list[ColumnElement[bool]]:
    """Returns the conditions of all filters except the status. A wrong day matches nothing."""
    if filters.errors:
        return [false()]
    return index_walk.conditions(filters, Message, [name for name in filters.narrowed if name != "status"])


def by_token(tokens: Sequence[str]) -> dict[str, int]:
    """Returns the message id of each attempt, by its token."""
    rows = db.session.execute(select(Attempt.token, Attempt.message_id).where(Attempt.token.in_(tokens)))
    return {row.token: row.message_id for row in rows}


def _page(filters: Filters, size: int, before: int | None, after: int | None, tip: int | None, *, apart: bool) -> Page:
    tip = index_walk.tip() if tip is None else tip
    rises = after is not None
    stretch = Stretch(after, tip + 1 if rises or before is None else min(before, tip + 1), rises)
    found = index_walk.find(filters, stretch, size + 1, tip=tip if apart else None)
    shown = sorted(found.ids[:size], reverse=True)
    ahead = found.reached
    if len(found.ids) > size:
        ahead = shown[0] if rises else shown[-1]
    behind = _behind(shown, before, after)
    newer, older = (ahead, behind) if rises else (behind, ahead)
    return Page(by_ids(shown), newer, older, tip, None if rises else _moment(found.reached))


def _behind(shown: Sequence[int], before: int | None, after: int | None) -> int | None:
    """Returns where the page before begins; from an empty page, that page is shown again."""
    if after is not None:
        return shown[-1] if shown else after + 1
    if before is not None:
        return shown[0] if shown else before - 1
    return None


def _moment(message_id: int | None) -> datetime | None:
    if message_id is None:
        return None
    return db.session.scalar(
        select(func.coalesce(Message.first_due_at, Message.created_at)).where(Message.id == message_id)
    )


def _count(place: int, filters: Filters) -> Select[int, int, int]:
    """Count how many of the newest MANY messages of a counted status match the other filters."""
    asked = replace(filters, status=COUNTED[place])
    way = index_walk.by_status(asked)
    rest = [name for name in asked.narrowed if name not in way.names]
    along = index_walk.passed(way, Stretch()).limit(MANY)
    by_booking = asked.status == NOT_REACHED
    rows = (along if rest or by_booking else along.with_only_columns(Message.id)).subquery()  # The index has the ids.
    fits = case(
        (and_(true(), *index_walk.conditions(asked, rows.c, rest)), rows.c.booking_id if by_booking else rows.c.id)
    )
    fit = func.count(distinct(fits) if by_booking else fits)
    return select(literal(place).label("place"), func.count().label("passed"), fit.label("fit")).select_from(rows)
