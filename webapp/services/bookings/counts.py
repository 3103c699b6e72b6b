"""How many bookings there are of each kind: for the chips, and for the line of the work that is left."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Select, func, select

from webapp import clock
from webapp.extensions import db
from webapp.models import Booking, BookingStatus
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import FAILED, LABELS, REPLIED, WAITING, Filters, beside_status
from webapp.settings import current

FRESH_SECONDS = 1.0
SERVICES_SECONDS = 60.0  # The whole table is read for them, and they change with the season.
MOST_SERVICES = 100
MOST_KEPT = 200
RARE = (BookingStatus.NO_SHOW.value, FAILED, REPLIED)  # A chip only where there are some.
_ALL = Filters()


@dataclass(frozen=True)
class _Kept:
    taken: float
    found: Any


_lock = threading.Lock()
_last: dict[tuple[object, ...], _Kept] = {}


def everything() -> dict[str, int]:
    """The counts of all bookings."""
    return of(_ALL)


def of(filters: Filters) -> dict[str, int]:
    """How many bookings each chip shows, beside all else that is asked for.

    Shared for a second: each open list asks at each tick.
    """
    asked = replace(filters, status="", sort="")
    found: dict[str, int] = _shared(("counts", asked), FRESH_SECONDS, lambda: _count(asked))
    return found


def services() -> list[str]:
    """What is, or was, offered: each service that a booking names."""
    named = select(Booking.service).distinct().order_by(Booking.service).limit(MOST_SERVICES)
    found: list[str] = _shared(("services",), SERVICES_SECONDS, lambda: list(db.session.scalars(named)))
    return found


def forget() -> None:
    """Count afresh: something was just changed here."""
    with _lock:
        for key in [key for key in _last if key[0] == "counts"]:
            del _last[key]


def labels(found: dict[str, int], filters: Filters) -> dict[str, str]:
    """The chips worth showing."""
    return {name: label for name, label in LABELS.items() if name not in RARE or found[name] or name == filters.status}


def _shared(what: tuple[object, ...], seconds: float, take: Callable[[], Any]) -> Any:
    """What was found a moment ago, or is found now; one thread looks while the others wait for it."""
    key = (*what, current().database)
    with _lock:
        known = _last.get(key)
        if known is None or clock.monotonic() - known.taken > seconds:
            if len(_last) >= MOST_KEPT:
                _last.clear()
            known = _last[key] = _Kept(clock.monotonic(), take())
    return known.found


def _count(asked: Filters) -> dict[str, int]:
    if asked.errors:
        return dict.fromkeys(LABELS, 0)
    found = _by_status(asked)
    found[""] = sum(found.values())
    for name, select_bookings in WAITING.items():
        found[name] = (
            booking_list.how_many(replace(asked, status=name)) if asked.narrows else _distinct(select_bookings())
        )
    return {name: found.get(name, 0) for name in LABELS}


def _by_status(asked: Filters) -> dict[str, int]:
    if asked.narrows:
        grouped = select(Booking.status, func.count()).where(*beside_status(asked)).group_by(Booking.status)
        return {status.value: many for status, many in db.session.execute(grouped)}
    # One by one each is counted along an index; of a GROUP BY over all PostgreSQL reads the whole table.
    each = [select(func.count()).where(Booking.status == status).scalar_subquery() for status in BookingStatus]
    counts = db.session.execute(select(*each)).one()
    return {status.value: many for status, many in zip(BookingStatus, counts, strict=True)}


def _distinct(bookings: Select[Any]) -> int:
    ids = bookings.distinct().subquery()
    return db.session.scalars(select(func.count()).select_from(ids)).one()
