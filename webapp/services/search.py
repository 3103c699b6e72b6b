"""Finding bookings by what a guest says: any word of the name, a fragment of a reference, an e-mail, a phone's end."""

import re
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    and_,
    case,
    delete,
    exists,
    false,
    func,
    not_,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute, aliased

from webapp import clock
from webapp.extensions import db
from webapp.models import Booking, SearchTerm
from webapp.models.bookings.search_term import OF_PHONE, terms, words, write
from webapp.monitor.shared import Shared
from webapp.services.parsing import phone_text

LAST = "\U0010ffff"  # Sorts behind every other letter.
FEWEST_DIGITS = 3
ENOUGH = 200  # Of more bookings the nearest are not looked for: whoever types on narrows them down.
MANY = 15_000  # Ids that are computed first: some 10 ms.


def among(q: str) -> list[ColumnElement[bool]]:
    """Returns the condition of a search on bookings; none without a text."""
    return [Booking.id.in_(ids(q))] if q else []


def ids(q: str) -> Select[int]:
    """Returns the statement for the ids of the bookings that a text finds; an id may come twice.

    PostgreSQL takes terms for independent of a list's order, and they are not: a month's references begin alike. Left
    to itself it looks up the terms of one booking of the list after another, and the first that fits may be the
    60,000th. So it computes the ids first, unless they are so many that along the list one in some fits.
    """
    found = _found(q).cte("found")
    if db.engine.dialect.name == "postgresql" and not _finds_many.get(q):
        found = found.prefix_with("MATERIALIZED")
    return select(found.c.booking_id)


def few(q: str, most: int) -> list[int] | None:
    """Returns the ids of the bookings that a text finds; None if there are more than `most`."""
    found = db.session.scalars(_found(q).limit(most + 1)).all()
    return sorted(set(found)) if len(found) <= most else None


def nearest(q: str, most: int) -> list[Booking]:
    """Returns a few bookings that a text finds: coming ones first, soonest first, then the latest of the past ones."""
    some = select(_found(q).limit(ENOUGH).subquery().c.booking_id)
    is_past = Booking.starts_at < clock.now()
    soonest_of_coming = case((not_(is_past), Booking.starts_at))
    order = (is_past, soonest_of_coming, Booking.starts_at.desc(), Booking.id)
    return list(db.session.scalars(select(Booking).where(Booking.id.in_(some)).order_by(*order).limit(most)))


def is_about(booking_id: Any, q: str) -> ColumnElement[bool]:
    """Returns the condition that a text finds the booking of a row, for rows that are looked at one by one."""
    return or_(false(), *(and_(*(_has(booking_id, prefix) for prefix in prefixes)) for prefixes in _ways(q)))


def write_again(booking: Booking) -> None:
    """Write the terms of a booking again after its contact changed, inside the current write transaction."""
    connection = db.session.connection()
    connection.execute(delete(SearchTerm).where(SearchTerm.booking_id == booking.id))
    paid = (payment.reference for payment in booking.payments)
    write(connection, booking.id, terms(booking.name, [booking.reference, *paid], booking.email, booking.phone))


def begins(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """Returns the condition that a column begins so; a range on SQLite, whose LIKE uses no index."""
    if db.engine.dialect.name == "sqlite":
        return and_(column >= text, column < text + LAST)
    return column.startswith(text, autoescape=True)


def _count_to_many(q: str) -> bool:
    some = _found(q).limit(MANY + 1).subquery()
    return db.session.scalars(select(func.count()).select_from(some)).one() > MANY


_finds_many = Shared(_count_to_many)


def _found(q: str) -> CompoundSelect[int]:
    found = [_with_all(prefixes) for prefixes in _ways(q)]
    return union_all(*(found or [select(SearchTerm.booking_id).where(false())]))


def _ways(q: str) -> list[list[str]]:
    """Returns the ways to read a text. Each is a list of prefixes: a booking needs a term for every one of them."""
    typed = sorted(set(words(q)), key=len, reverse=True)  # The longest finds the fewest, and is looked up first.
    return [*([typed] if typed else []), *([OF_PHONE + tail] for tail in tails(q))]


def _with_all(prefixes: list[str]) -> Select[int]:
    first, *others = prefixes
    return select(SearchTerm.booking_id).where(
        begins(SearchTerm.term, first), *(_has(SearchTerm.booking_id, prefix) for prefix in others)
    )


def _has(booking_id: Any, prefix: str) -> ColumnElement[bool]:
    other = aliased(SearchTerm)
    return exists().where(other.booking_id == booking_id, begins(other.term, prefix))


def tails(q: str) -> list[str]:
    """Returns the ways in which a typed number may be stored, backwards; none if it is not a number."""
    try:
        q = phone_text.plain(q)
    except ValueError:
        return []
    if not re.fullmatch(r"[0-9\s()+./-]+", q):
        return []
    digits = {"".join(c for c in text if c.isdigit()) for text in (q, q.replace("(0)", ""))}
    # 07700 900184 is stored as +44 7700 900184; in short searches a zero is an ordinary digit.
    digits |= {text.lstrip("0") for text in digits if len(text) > 6}
    return sorted(text[::-1] for text in digits if len(text) >= FEWEST_DIGITS)
