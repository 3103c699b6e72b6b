"""The desk's list of bookings: what is asked for, and one page of it.

The order is what needs a hand soonest. Work (to confirm, payment to verify) comes by its start, the
overdue first. Every other list has what is to come first, soonest first, and after it what is past,
latest first: two walks along the index of starts, parted at the start of today.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, func, select, true, tuple_
from sqlalchemy.orm import selectinload

from webapp import clock
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Payment, PaymentState
from webapp.models.types import literal_words
from webapp.services import booking_search
from webapp.settings import current

PAGE = 25
LONGEST_SEARCH = 100
TO_VERIFY = "to_verify"
# What a list may be narrowed to, as it stands in the URL, and its label.
LABELS = {
    "": "All",
    BookingStatus.PENDING.value: "To confirm",
    TO_VERIFY: "Payment to verify",
    BookingStatus.CONFIRMED.value: "Confirmed",
    BookingStatus.COMPLETED.value: "Completed",
    BookingStatus.NO_SHOW.value: "No-show",
    BookingStatus.DECLINED.value: "Declined",
    BookingStatus.CANCELLED.value: "Cancelled",
}
WORK = (BookingStatus.PENDING.value, TO_VERIFY)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; what nobody offers counts as nothing asked."""

    status: str = ""
    q: str = ""

    @classmethod
    def read(cls, status: str, q: str) -> "Filters":
        """Take them as they stand in a URL."""
        return cls(status if status in LABELS else "", " ".join(q.replace("\0", " ").split())[:LONGEST_SEARCH])

    def query(self, **changed: str) -> dict[str, str]:
        """Only what narrows, for a URL."""
        return {name: value for name, value in ({"status": self.status, "q": self.q} | changed).items() if value}


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


def today() -> datetime:
    """Where today begins, in the business's time zone."""
    return clock.now().astimezone(current().zone).replace(hour=0, minute=0, second=0, microsecond=0)


def newest_id() -> int:
    """The id of the booking that came last; 0 where there is none."""
    return db.session.scalar(select(func.max(Booking.id))) or 0


def newer(filters: Filters, than: int) -> int:
    """How many bookings of this list came after that one."""
    came = select(func.count()).select_from(Booking).where(Booking.id > than, *_conditions(filters))
    return db.session.scalars(came).one()


def _walk(filters: Filters, start: Cursor | None, *, back: bool = False) -> list[_Found]:
    """The rows from a place on, one more than a page; `back` goes the other way."""
    walks = list(enumerate(_walks(filters)))[:: -1 if back else 1]
    found: list[_Found] = []
    for number, (where, newest_first) in walks:
        if start and (number > start.walk if back else number < start.walk):
            continue
        falls = newest_first != back
        query = select(Booking).where(where, *_conditions(filters))
        if start and number == start.walk:
            here = tuple_(Booking.starts_at, Booking.id)
            there = tuple_(start.starts_at, start.id, types=[Booking.starts_at.type, Booking.id.type])
            query = query.where(here < there if falls else here > there)
        columns = (Booking.starts_at, Booking.id)
        query = query.order_by(*(c.desc() if falls else c.asc() for c in columns)).limit(PAGE + 1 - len(found))
        query = query.options(selectinload(Booking.payments), selectinload(Booking.messages))
        found += [_Found(booking, number) for booking in db.session.scalars(query)]
        if len(found) > PAGE:
            break
    return found


def _walks(filters: Filters) -> list[tuple[ColumnElement[bool], bool]]:
    """What each walk holds, and whether it goes from late to early."""
    if filters.status in WORK:
        return [(true(), False)]
    return [(Booking.starts_at >= today(), False), (Booking.starts_at < today(), True)]


def _conditions(filters: Filters) -> list[ColumnElement[bool]]:
    narrowed = booking_search.among(filters.q)
    if filters.status == TO_VERIFY:
        narrowed.append(Booking.id.in_(select(Payment.booking_id).where(submitted())))
    elif filters.status:
        narrowed.append(Booking.status == BookingStatus(filters.status))
    return narrowed


def submitted() -> ColumnElement[bool]:
    """A payment that waits to be verified; literal, so that a partial index may fit."""
    return Payment.status == literal_words(PaymentState.SUBMITTED)[0]
