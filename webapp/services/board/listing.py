"""The delivery board's reads: messages newest first, by filters, a page at a time, and counts that stay cheap.

A page is found by its ids (keyset), so the thousandth costs what the first does. Nothing here counts the whole table:
counts stand only beside statuses that few messages have at any time, each from an index of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, false, func, literal, select, union_all
from sqlalchemy.orm import defer, joinedload, selectinload

from webapp.extensions import db
from webapp.models import Attempt, Message, MessageStatus
from webapp.services.board import index_walk
from webapp.services.board.filters import Filters
from webapp.services.board.index_walk import Stretch
from webapp.services.messages import fallback

__all__ = ["Filters"]

PAGE = 50
BOOKINGS_PAGE = 25
MANY = 10_000  # A count looks no further.
COUNTED = (MessageStatus.FAILED, MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN)
# In the order of their chips: what needs a look first.
STATUSES = (*COUNTED, *(status for status in MessageStatus if status not in COUNTED))
# What no list shows, and what makes a row long.
UNSHOWN = (Message.subject, Message.body, Message.html, Message.content_variables)


@dataclass(frozen=True)
class Page:
    """A page of messages, newest first, and the ids that its neighbours go on from; None where there are none."""

    messages: Sequence[Message]
    newer_than: int | None
    older_than: int | None
    # The newest message of all when the list was first looked at: its pages stay what they were.
    tip: int
    # Where the look for messages ended before there were enough: how far back all that match are shown.
    looked_to: datetime | None = None

    @property
    def newest(self) -> int | None:
        """The id after which news begin; None on a page that has newer ones before it."""
        return self.tip if self.newer_than is None else None


@dataclass(frozen=True)
class Count:
    """How many there are; where there may be more, no list is counted to its end."""

    number: int
    more: bool = False

    def __str__(self) -> str:
        return f"{self.number:,}{'+' if self.more else ''}"


Counts = dict[MessageStatus, Count | None]


def page(filters: Filters, *, before: int | None = None, after: int | None = None, tip: int | None = None) -> Page:
    """The newest messages that match, or those next to an id."""
    return _page(filters, PAGE, before, after, tip, apart=False)


def bookings_page(
    filters: Filters, *, before: int | None = None, after: int | None = None, tip: int | None = None
) -> Page:
    """The same with one message for each booking: its newest that matches. A test message stands for itself."""
    return _page(filters, BOOKINGS_PAGE, before, after, tip, apart=True)


def some(ids: Sequence[int]) -> Sequence[Message]:
    """These messages, as they stand, newest first; at most a page of them."""
    # What stands in for what is only asked for where there is any.
    failed = selectinload(Message.stands_in_for).options(*map(defer, UNSHOWN))
    wanted = select(Message).where(Message.id.in_(ids[:PAGE])).options(joinedload(Message.booking), failed)
    found = db.session.scalars(wanted.options(*map(defer, UNSHOWN)).order_by(Message.id.desc())).all()
    fallback.see_stand_ins(found)
    return found


def counts(filters: Filters) -> Counts:
    """Each status, and how many are in it, narrowed as the list is; None where that is not worth counting."""
    shown: Counts = dict.fromkeys(STATUSES)
    if filters.text or filters.errors:
        return shown
    found = db.session.execute(union_all(*(_count(status, filters) for status in COUNTED)))
    # Where a count ended early there may be more of them.
    return shown | {MessageStatus(row.status): Count(row.fit, row.passed >= MANY) for row in found}


def how_many(filters: Filters, found: Counts) -> int | None:
    """How many the list has; None where that is not known."""
    count = found.get(filters.status) if isinstance(filters.status, MessageStatus) else None
    return None if count is None or count.more else count.number


def news(filters: Filters, newest: int, had: int | None, found: Counts) -> int:
    """How many rows a list is behind: what came since its newest, or what has failed since that came before."""
    more = how_many(filters, found)
    return max(newer(filters, newest), 0 if had is None or more is None else more - had)


def newer(filters: Filters, newest: int) -> int:
    """How many rows of the list have come since an id; looks no further than one page and one."""
    tip = index_walk.tip() if filters.by_booking else None
    return len(index_walk.find(filters, Stretch(above=newest), PAGE + 1, tip=tip).ids)


def anything(filters: Filters) -> bool:
    """Whether something matches, as far as a look goes."""
    return bool(index_walk.find(filters, Stretch(), 1).ids)


def what_helps(filters: Filters) -> list[str]:
    """Of the filters of a list that has nothing, those without which it has something; for one alone that is plain."""
    named = list(filters.said)
    return [name for name in named if anything(filters.without(name))] if len(named) > 1 else named


def beside_status(filters: Filters) -> list[ColumnElement[bool]]:
    """All that is asked of a message but its status; a day that cannot be meant finds nothing."""
    if filters.errors:
        return [false()]
    return index_walk.conditions(filters, Message, [name for name in filters.narrowed if name != "status"])


def by_token(tokens: Sequence[str]) -> dict[str, int]:
    """The message of each attempt, by its token."""
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
    return Page(some(shown), newer, older, tip, None if rises else _moment(found.reached))


def _behind(shown: Sequence[int], before: int | None, after: int | None) -> int | None:
    """Where the page that somebody came from goes on from; of an empty page, so that it shows the same again."""
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


def _count(status: MessageStatus, filters: Filters) -> Select[str, int, int]:
    """How many have a status and fit, among the newest so many that have it."""
    asked = replace(filters, status=status)
    way = index_walk.by_status(asked)
    rest = [name for name in asked.narrowed if name not in way.names]
    along = index_walk.passed(way, Stretch()).limit(MANY)
    rows = (along if rest else along.with_only_columns(Message.id)).subquery()  # The ids are in the index.
    fits = index_walk.conditions(asked, rows.c, rest)
    fit = func.count(case((and_(*fits), 1))) if fits else func.count()
    named = literal(status.value).label("status")
    return select(named, func.count().label("passed"), fit.label("fit")).select_from(rows)
