"""How many bookings there are of each kind: for the chips, and for the line of the work that is left."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, func, select

from webapp.extensions import db
from webapp.models import Booking, BookingStatus
from webapp.monitor.shared import Shared
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import LABELS, REPLIED, UNREACHED, WAITING, Filters, beside_status

SERVICES_SECONDS = 60.0  # The whole table is read for them, and they change with the season.
MOST_SERVICES = 100
RARE = (BookingStatus.NO_SHOW.value, UNREACHED, REPLIED)  # A chip only where there are some.
_ALL = Filters()


def totals() -> dict[str, int]:
    """The counts of all bookings."""
    return counts_for(_ALL)


def counts_for(filters: Filters) -> dict[str, int]:
    """How many bookings each chip shows, beside all else that is asked for.

    Shared for a second: each open list asks at each tick.
    """
    return _counts.get(replace(filters, status="", sort=""))


def labels(found: dict[str, int], filters: Filters) -> dict[str, str]:
    """The chips worth showing."""
    return {name: label for name, label in LABELS.items() if name not in RARE or found[name] or name == filters.status}


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


def _services() -> Sequence[str]:
    """Each service that a booking names."""
    return db.session.scalars(select(Booking.service).distinct().order_by(Booking.service).limit(MOST_SERVICES)).all()


_counts, _offered = Shared(_count), Shared(_services, seconds=SERVICES_SECONDS)
forget, services = _counts.forget, _offered.get
