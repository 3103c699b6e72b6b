"""The list of bookings, page by page.

The usual order shows first what needs attention first. Work (to confirm, payments to verify) is ordered by its start,
overdue work first. Every other list has the coming bookings first, soonest first, then the past ones, latest first:
two walks along the index of starts, which meet at the start of today.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from operator import itemgetter

from sqlalchemy import ColumnElement, Select, func, select, true
from sqlalchemy.orm import selectinload

from webapp.extensions import db
from webapp.models import Booking
from webapp.services import keyset
from webapp.services.bookings.filters import NEWEST, START, START_LAST, WORK, Filters, conditions, today
from webapp.services.keyset import Keyset

PAGE = 25
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Cursor:
    """The place of a row in a list: its walk, its start and its id."""

    walk: int
    starts_at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.walk}.{(self.starts_at - _EPOCH) // _MICROSECOND}.{self.id}"

    @classmethod
    def read(cls, text: str) -> "Cursor | None":
        """Read a cursor from a URL; returns None if it is not one."""
        if not re.fullmatch(r"[01]\.-?[0-9]{1,18}\.[0-9]{1,18}", text):
            return None
        walk, starts, booking_id = (int(part) for part in text.split("."))
        try:
            return cls(walk, _EPOCH + starts * _MICROSECOND, booking_id)
        except OverflowError:
            return None  # No calendar has that day.


Found = tuple[Booking, Cursor]
Page = keyset.Page[Found, Cursor]
_BY_START = (Booking.starts_at, Booking.id)


@dataclass(frozen=True)
class _Walk:
    """A part of a list that is read along one index."""

    where: ColumnElement[bool]
    order: Keyset

    def rows(self, query: Select[Booking], start: Cursor | None, back: bool, most: int) -> Select[Booking]:
        """Returns the first rows of a query, or those behind a place."""
        query = query.where(self.where)
        if self.order.columns == _BY_START:
            return self.order.cut(query, most, start and (start.starts_at, start.id), back=back)
        # No index has a status by id: so the ids are sorted out of the index by start, and only theirs are read.
        ids = self.order.cut(query.with_only_columns(Booking.id), most, start and start.id, back=back)
        return self.order.cut(select(Booking).where(Booking.id.in_(ids)), most, back=back)


def page(filters: Filters, *, after: Cursor | None = None, before: Cursor | None = None) -> Page:
    """Returns a page of the list, each booking with its place."""
    return keyset.page(partial(_find, filters), itemgetter(1), PAGE, after=after, before=before)


def batches(filters: Filters, size: int) -> Iterator[list[Booking]]:
    """Yield the whole list in its order, some at a time; each batch ends its read, so that none lasts long."""
    start: Cursor | None = None
    while found := _find(filters, start, False, size):
        start = found[-1][1]
        yield [booking for booking, _ in found]
        db.session.rollback()


def first(filters: Filters, most: int, *also: ColumnElement[bool]) -> list[Booking]:
    """Returns the list's first bookings that also meet these conditions."""
    return [booking for booking, _ in _find(filters, None, False, most, *also)]


def how_many(filters: Filters, *also: ColumnElement[bool]) -> int:
    """Returns how many bookings of the list also meet these conditions."""
    matching = select(func.count()).select_from(Booking).where(*conditions(filters), *also)
    return db.session.scalars(matching).one()


def changed(seen: Mapping[int, int]) -> Sequence[Booking]:
    """Returns those of these bookings that have changed since a page showed them. `seen`: id to version."""
    ids = list(seen)[:PAGE]
    now = db.session.execute(select(Booking.id, Booking.version).where(Booking.id.in_(ids)))
    moved = [booking_id for booking_id, version in now if seen[booking_id] != version]
    whole = select(Booking).options(selectinload(Booking.payments), selectinload(Booking.messages))
    return db.session.scalars(whole.where(Booking.id.in_(moved))).all() if moved else []


def how_many_left(filters: Filters, bookings: Sequence[Booking]) -> int:
    """Returns how many of these bookings the list would not show any more."""
    ids = [booking.id for booking in bookings]
    return len(ids) - how_many(filters, Booking.id.in_(ids)) if ids else 0


def newest_id() -> int:
    """Returns the id of the newest booking, or 0."""
    return db.session.scalar(select(func.max(Booking.id))) or 0


def newer(filters: Filters, than: int) -> int:
    """Returns how many bookings of this list are newer than this id."""
    return how_many(filters, Booking.id > than)


def _find(filters: Filters, start: Cursor | None, back: bool, most: int, *also: ColumnElement[bool]) -> list[Found]:
    """Returns the rows from a place on, each with its own place; `back` goes the other way."""
    found: list[Found] = []
    for number, walk in list(enumerate(_walks(filters)))[:: -1 if back else 1]:
        if start and (number > start.walk if back else number < start.walk):
            continue
        query = walk.rows(
            select(Booking).where(*conditions(filters), *also),
            start if start and number == start.walk else None,
            back,
            most - len(found),
        ).options(selectinload(Booking.payments), selectinload(Booking.messages))
        found += [(one, Cursor(number, one.starts_at, one.id)) for one in db.session.scalars(query)]
        if len(found) >= most:
            break
    return found


def _walks(filters: Filters) -> list[_Walk]:
    if filters.errors:
        return []  # Days that are wrong find nothing; the page says why.
    if filters.sort == NEWEST:
        return [_Walk(true(), Keyset((Booking.id,), falls=True))]
    rising, falling = Keyset(_BY_START), Keyset(_BY_START, falls=True)
    if filters.sort in (START, START_LAST) or filters.status in WORK:
        return [_Walk(true(), falling if filters.sort == START_LAST else rising)]
    return [_Walk(Booking.starts_at >= today(), rising), _Walk(Booking.starts_at < today(), falling)]
