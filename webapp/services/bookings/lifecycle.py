"""Taking, finding, confirming, declining and cancelling bookings."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload
from sqlalchemy.sql.base import ExecutableOption

from webapp.database import read_now, writing
from webapp.errors import Conflict, NotFound, Repeated, Taken
from webapp.extensions import db
from webapp.models import (
    Action,
    Audit,
    Booking,
    BookingStatus,
    ChannelName,
    Message,
    phone_tail,
    search_key,
    surname_key,
)
from webapp.services import audit, messages
from webapp.services.audit import Actor
from webapp.services.bookings.act import Seen, move, perform
from webapp.services.guests import lanes

# Addresses of pages below /bookings: a booking of such a reference could not be opened.
RESERVED = ("new", "list", "import", "export")
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # None that is read as another.


@dataclass(frozen=True, kw_only=True)
class NewBooking:
    """What is needed to take a booking; addresses are already read (E.164, lower case)."""

    name: str
    service: str
    starts_at: datetime
    amount: Decimal
    currency: str
    reference: str = ""
    phone: str | None = None
    email: str | None = None
    language: str = "en"
    channels: Collection[ChannelName] | None = None
    party_size: int = 1
    is_demo: bool = False


def find(reference: str, *options: ExecutableOption) -> Booking:
    """Find a booking's row, for an act on it; `options` say what is loaded with it.

    Raises:
        NotFound: there is none of that reference.
    """
    found = db.session.scalar(select(Booking).where(Booking.reference == reference).options(*options))
    if found is None:
        raise NotFound(f"There is no booking {reference}.")
    return found


def get(reference: str) -> Booking:
    """The same to show it: with its payments, messages and their attempts loaded."""
    whole = selectinload(Booking.messages).selectinload(Message.attempts)
    return find(reference, whole, selectinload(Booking.payments))


def create(new: NewBooking, *, by: Actor) -> Booking:
    """Take a booking; the guest's lane is found or added. A form that is posted twice makes one.

    Raises:
        Taken: the reference exists already.
        Repeated: the form made another booking before.
    """
    if new.reference.lower() in RESERVED:
        raise Taken(f"{new.reference} cannot be a reference: a page of that name exists.")
    if first := audit.made_by(by):
        return _made_before(first, new)
    try:
        with writing():
            booking = add(new)
            audit.record(Action.BOOKING_CREATED, by=by, booking_id=booking.id)
    except IntegrityError as exists:
        if first := audit.made_by(by):  # Two posts of one form at once.
            return _made_before(first, new)
        raise Taken(f"There is a booking {new.reference} already.") from exists
    return booking


def _made_before(first: Audit, new: NewBooking) -> Booking:
    """The booking that this form made: the very same, or something else was typed into it since."""
    booking = db.session.get(Booking, first.booking_id or 0)
    if booking is None:
        raise Repeated("This form was sent before, for something else. Send it again.")
    same = all(getattr(booking, name) == getattr(new, name) for name in ("name", "phone", "email", "service"))
    if same and booking.starts_at == new.starts_at:
        return booking
    raise Repeated(f"This form has made the booking {booking.reference} already. Send it again to take another one.")


def add(new: NewBooking) -> Booking:
    """Add the row inside the current write transaction."""
    booking = Booking(
        reference=new.reference or fresh_reference(),
        guest_id=lanes.find_or_create(phone=new.phone, email=new.email),
        name=new.name,
        name_key=search_key(new.name),
        surname_key=surname_key(new.name),
        phone=new.phone,
        phone_tail=phone_tail(new.phone),
        email=new.email,
        language=new.language,
        channels=None if new.channels is None else [str(channel) for channel in new.channels],
        service=new.service,
        starts_at=new.starts_at,
        party_size=new.party_size,
        amount=new.amount,
        currency=new.currency,
        is_demo=new.is_demo,
    )
    db.session.add(booking)
    db.session.flush()
    return booking


def fresh_reference() -> str:
    """A reference that nobody has: 30 letters to the 6th is 729 million."""
    return "BK-" + "".join(secrets.choice(LETTERS) for _ in range(6))


def _step(
    booking: Booking,
    *,
    action: Action,
    becomes: BookingStatus,
    by: Actor,
    reason: str = "",
    expected_version: int | None = None,
    hold: float | None = None,
) -> Audit:
    """Move a booking on and queue what its guest is told of it, in one transaction; `hold`: how long that waits.

    Raises:
        Outrun: the booking is not in the state, or not of the version, that the act was meant for.
    """
    event = audit.ACTS[action].tells
    letters = messages.prepare(booking, event, becomes=becomes, reason=reason) if event else None

    def change(seen: Seen) -> dict[str, Any]:
        move(booking, seen, becomes)
        return {"before": seen.status, "reason": reason}

    return perform(booking, action, change, by=by, expected_version=expected_version, letters=letters, hold=hold)


confirm = partial(_step, action=Action.BOOKING_CONFIRMED, becomes=BookingStatus.CONFIRMED)
decline = partial(_step, action=Action.BOOKING_DECLINED, becomes=BookingStatus.DECLINED)
cancel = partial(_step, action=Action.BOOKING_CANCELLED, becomes=BookingStatus.CANCELLED)
_complete = partial(_step, action=Action.BOOKING_COMPLETED, becomes=BookingStatus.COMPLETED)
_mark_no_show = partial(_step, action=Action.BOOKING_NO_SHOW, becomes=BookingStatus.NO_SHOW)


def complete(booking: Booking, *, by: Actor, expected_version: int | None = None) -> Audit:
    """Say that the guest came; tells nobody.

    Raises:
        Conflict: the booking has not started yet.
    """
    _has_started(booking)
    return _complete(booking, by=by, expected_version=expected_version)


def miss(booking: Booking, *, by: Actor, expected_version: int | None = None) -> Audit:
    """Say that the guest did not come; tells nobody.

    Raises:
        Conflict: the booking has not started yet.
    """
    _has_started(booking)
    return _mark_no_show(booking, by=by, expected_version=expected_version)


def _has_started(booking: Booking) -> None:
    if booking.starts_at > read_now():
        raise Conflict(f"{booking.reference} has not started yet: whether the guest came is known from then on.")
