"""Finding bookings by what a guest says: by prefix, so that each part has an index."""

import re
from typing import Any

from sqlalchemy import ColumnElement, and_, select, union_all
from sqlalchemy.orm import InstrumentedAttribute

from webapp.extensions import db
from webapp.models import Booking, search_key
from webapp.services.parsing import phone_text

LAST = "\U0010ffff"  # Sorts behind every other letter.
FEWEST_DIGITS = 3


def among(q: str) -> list[ColumnElement[bool]]:
    """The condition that a search puts on bookings; none where nothing is searched.

    As a union of ids: with OR the planner walks all starts instead of the indexes of what is searched.
    """
    return [Booking.id.in_(union_all(*(select(Booking.id).where(fit) for fit in fits(q))))] if q else []


def fits(q: str) -> list[ColumnElement[bool]]:
    """A reference, a name, a surname or an e-mail that begins so, or a phone that ends so."""
    # A reference of the booking site's own may have small letters; ours have none.
    references = [begins(Booking.reference, form) for form in sorted({q, q.upper(), q.lower()})]
    names = [begins(key, text) for key in (Booking.name_key, Booking.surname_key) if (text := search_key(q))]
    phones = (begins(Booking.phone_tail, tail) for tail in tails(q))
    return [*references, *names, begins(Booking.email, q.lower()), *phones]


def begins(column: InstrumentedAttribute[Any], text: str) -> ColumnElement[bool]:
    """Returns the condition that a column begins so; a range on SQLite, whose LIKE uses no index."""
    if db.engine.dialect.name == "sqlite":
        return and_(column >= text, column < text + LAST)
    return column.startswith(text, autoescape=True)


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
