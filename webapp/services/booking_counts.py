"""How many bookings there are of each kind: for the chips, and for the line of the work that is left."""

import threading
from dataclasses import dataclass

from sqlalchemy import distinct, func, select

from webapp import clock
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Payment
from webapp.services import booking_search
from webapp.services.booking_list import LABELS, TO_VERIFY, Filters, submitted
from webapp.settings import current

FRESH_SECONDS = 1.0
RARE = (BookingStatus.NO_SHOW.value,)  # A chip only where there are some.


@dataclass(frozen=True)
class _Count:
    taken: float
    found: dict[str, int]


_lock = threading.Lock()
_last: dict[str, _Count] = {}


def everything() -> dict[str, int]:
    """The counts of all bookings, shared for a second: each open list asks for them at each tick."""
    key = current().database
    with _lock:
        known = _last.get(key)
        if known is None or clock.monotonic() - known.taken > FRESH_SECONDS:
            known = _last[key] = _Count(clock.monotonic(), of())
    return known.found


def forget() -> None:
    """Count afresh: something was just changed here."""
    _last.clear()


def of(q: str = "") -> dict[str, int]:
    """How many bookings each chip shows, of those that a search finds."""
    by_status = select(Booking.status, func.count()).where(*booking_search.among(q)).group_by(Booking.status)
    found = {status.value: many for status, many in db.session.execute(by_status)}
    to_verify = select(func.count(distinct(Payment.booking_id))).where(submitted())
    if q:
        to_verify = to_verify.where(Payment.booking_id.in_(select(Booking.id).where(*booking_search.among(q))))
    found[""] = sum(found.values())
    found[TO_VERIFY] = db.session.scalars(to_verify).one()
    return {name: found.get(name, 0) for name in LABELS}


def labels(found: dict[str, int], filters: Filters) -> dict[str, str]:
    """The chips worth showing."""
    return {name: label for name, label in LABELS.items() if name not in RARE or found[name] or name == filters.status}
