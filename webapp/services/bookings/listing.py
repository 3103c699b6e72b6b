"""The desk's list of bookings, page by page.

The order is what needs a hand soonest, unless another is asked for. Work (to confirm, payment to verify)
comes by its start, the overdue first. Every other list has what is to come first, soonest first, and
after it what is past, latest first: two walks along the index of starts, parted at the start of today.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select, true, tuple_
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models import Booking
from webapp.services.bookings.filters import NEWEST, START, START_LAST, WORK, Filters, conditions, today

PAGE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """A place in a list: the walk, and the start and id of a row there."""

    walk: int
    starts_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.walk}.{(self.starts_at - _EPOCH) // _MICROSECOND}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Take one from a URL; None for what is none."""
        if not re.fullmatch(r"[01]\.-?[0-9]{1,18}\.[0-9]{1,18}", text):
            return None
        walk, starts, booking_id = (int(part) for part in text.split("."))
        try:
            return cls(walk, _EPOCH + starts * _MICROSECOND, booking_id)
        except OverflowError:
            return None  # No calendar has that day.


@dataclass(frozen=True)
class Page:
    """One page, and the places before and after it."""

    bookings: list[Booking]
    before: Cursor | None = None
    after: Cursor | None = None


@dataclass(frozen=True)
class _Walk:
    """A part of a list that one index is read along."""

    where: ColumnElement[bool]
    falls: bool  # From late to early.
    by_start: bool = True  # Else by id alone, which is the order in which bookings were taken.

    def from_(self, start: Cursor, falls: bool) -> ColumnElement[bool]:
        """What lies beyond a place."""
        if not self.by_start:
            return Booking.id < start.id if falls else Booking.id > start.id
        here = tuple_(Booking.starts_at, Booking.id)
        there = tuple_(start.starts_at, start.id, types=[Booking.starts_at.type, Booking.id.type])
        return here < there if falls else here > there

    def first(self, query: Select[Booking], falls: bool, most: int) -> Select[Booking]:
        """The first so many of those that a query finds."""
        columns = (Booking.starts_at, Booking.id) if self.by_start else (Booking.id,)
        order = [column.desc() if falls else column.asc() for column in columns]
        if self.by_start:
            return query.order_by(*order).limit(most)
        # No index has a status by id: so the ids are sorted out of the index by start, and only theirs are read.
        ids = query.with_only_columns(Booking.id).order_by(*order).limit(most)
        return select(Booking).where(Booking.id.in_(ids)).order_by(*order)


@dataclass(frozen=True)
class _Found:
    booking: Booking
    walk: int

    @property
    def place(self) -> Cursor:
        return Cursor(self.walk, self.booking.starts_at, self.booking.id)


def page(filters: Filters, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
    """One page by keyset: rows that come or go meanwhile shift nothing, and page 400 costs what page 1 does."""
    if before:
        earlier = _walk(filters, before, back=True)
        rows = earlier[:PAGE][::-1]
        if len(rows) == PAGE:
            return Page([r.booking for r in rows], rows[0].place if len(earlier) > PAGE else None, rows[-1].place)
    start = None if before else after
    found = _walk(filters, start)
    rows = found[:PAGE]
    return Page(
        [r.booking for r in rows],
        rows[0].place if rows and start else None,
        rows[-1].place if len(found) > PAGE else None,
    )


def batches(filters: Filters, size: int) -> Iterator[list[Booking]]:
    """The whole list in its order, some at a time by keyset; each ends its read, so that none lasts long."""
    start: Cursor | None = None
    while found := _walk(filters, start, size=size):
        start = found[-1].place
        yield [one.booking for one in found]
        db.session.rollback()


def first(filters: Filters, most: int, *also: ColumnElement[bool]) -> list[Booking]:
    """The list's first bookings of which something else holds too."""
    return [one.booking for one in _walk(filters, None, size=most, also=also)]


def how_many(filters: Filters, *also: ColumnElement[bool]) -> int:
    """How many bookings of this list something else holds of."""
    matching = select(func.count()).select_from(Booking).where(*conditions(filters), *also)
    return db.session.scalars(matching).one()


def newest_id() -> int:
    """The id of the booking that came last; 0 where there is none."""
    return db.session.scalar(select(func.max(Booking.id))) or 0


def newer(filters: Filters, than: int) -> int:
    """How many bookings of this list came after that one."""
    return how_many(filters, Booking.id > than)


def _walk(
    filters: Filters,
    start: Cursor | None,
    *,
    back: bool = False,
    size: int = PAGE + 1,
    also: tuple[ColumnElement[bool], ...] = (),
) -> list[_Found]:
    """The rows from a place on; `back` goes the other way."""
    walks = list(enumerate(_walks(filters)))[:: -1 if back else 1]
    found: list[_Found] = []
    for number, walk in walks:
        if start and (number > start.walk if back else number < start.walk):
            continue
        falls = walk.falls != back
        query = select(Booking).where(walk.where, *conditions(filters), *also)
        if start and number == start.walk:
            query = query.where(walk.from_(start, falls))
        query = walk.first(query, falls, size - len(found))
        query = query.options(selectinload(Booking.payments), selectinload(Booking.messages))
        found += [_Found(booking, number) for booking in db.session.scalars(query)]
        if len(found) >= size:
            break
    return found


def _walks(filters: Filters) -> list[_Walk]:
    if filters.errors:
        return []  # Days that cannot be meant find nothing; the page says why.
    if filters.sort == NEWEST:
        return [_Walk(true(), falls=True, by_start=False)]
    if filters.sort in (START, START_LAST) or filters.status in WORK:
        return [_Walk(true(), falls=filters.sort == START_LAST)]
    return [_Walk(Booking.starts_at >= today(), falls=False), _Walk(Booking.starts_at < today(), falls=True)]
