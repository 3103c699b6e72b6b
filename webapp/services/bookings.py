"""Taking, finding, confirming, declining and cancelling bookings."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import selectinload

from webapp.database import changed, writing
from webapp.errors import NotFound, Outrun, Taken
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus, ChannelName, Event, Message, phone_tail, search_key
from webapp.services import audit, bell, contacts, messages
from webapp.services.audit import Actor
from webapp.settings import current

# Addresses of pages below /bookings: a booking of such a reference could not be opened.
RESERVED = ("new", "list", "import", "export")
_LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # None that is read as another.


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
    channels: Iterable[ChannelName] | None = None
    party_size: int = 1
    is_demo: bool = False


def get(reference: str) -> Booking:
    """Find a booking, with its payments, messages and their attempts loaded.

    Raises:
        NotFound: there is none of that reference.
    """
    whole = selectinload(Booking.messages).selectinload(Message.attempts)
    found = db.session.scalar(
        select(Booking).where(Booking.reference == reference).options(whole, selectinload(Booking.payments))
    )
    if found is None:
        raise NotFound(f"There is no booking {reference}.")
    return found


def create(new: NewBooking, *, by: Actor) -> Booking:
    """Take a booking; the guest's lane is found or added.

    Raises:
        Taken: the reference exists already.
    """
    if new.reference.lower() in RESERVED:
        raise Taken(f"{new.reference} cannot be a reference: a page of that name exists.")
    try:
        with writing():
            booking = add(new)
            audit.record(Action.BOOKING_CREATED, by=by, booking_id=booking.id)
    except IntegrityError as exists:
        raise Taken(f"There is a booking {new.reference} already.") from exists
    return booking


def add(new: NewBooking) -> Booking:
    """Add the row inside the current write transaction."""
    booking = Booking(
        reference=new.reference or fresh_reference(),
        guest_id=contacts.lane(phone=new.phone, email=new.email),
        name=new.name,
        name_key=search_key(new.name),
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
    return "BK-" + "".join(secrets.choice(_LETTERS) for _ in range(6))


def confirm(booking: Booking, *, by: Actor, expected_version: int | None = None) -> Audit:
    """Confirm a pending booking and queue its messages, in one transaction."""
    return _step(booking, BookingStatus.CONFIRMED, Action.BOOKING_CONFIRMED, by, expected_version)


def decline(booking: Booking, *, by: Actor, reason: str = "", expected_version: int | None = None) -> Audit:
    """Decline a pending booking and tell its guest."""
    return _step(booking, BookingStatus.DECLINED, Action.BOOKING_DECLINED, by, expected_version, reason)


def cancel(booking: Booking, *, by: Actor, reason: str = "", expected_version: int | None = None) -> Audit:
    """Cancel a pending or confirmed booking, tell its guest, and drop what is unsent and no longer true."""
    return _step(booking, BookingStatus.CANCELLED, Action.BOOKING_CANCELLED, by, expected_version, reason)


def _step(
    booking: Booking, to: BookingStatus, action: Action, by: Actor, expected_version: int | None, reason: str = ""
) -> Audit:
    """One guarded step with its messages.

    Raises:
        Outrun: the booking is not in the state, or not of the version, that the act was meant for.
    """
    # Cancelling has no undo: it is asked for with a dialog that says what it does.
    may_undo = by.may_undo and to is not BookingStatus.CANCELLED
    hold = current().undo_seconds if may_undo else 0
    try:
        with writing():
            before = booking.status
            move(booking, to, expected_version)
            act = audit.record(
                action, by=by, booking_id=booking.id, before=before, version=booking.version, reason=reason
            )
            messages.compose(booking, Event(action), act, hold=hold, reason=reason)
            guest_id = booking.guest_id
    except Outrun as refusal:
        return audit.first_result(by, refusal)
    if not hold:
        bell.ring(guest_id)  # After commit: a worker must never look for a row that is not there yet.
    return act


def move(booking: Booking, to: BookingStatus, expected_version: int | None) -> None:
    """Change the status by a guarded UPDATE: the row count says who was first.

    Raises:
        Outrun: somebody else was, or the state forbids it.
    """
    version = booking.version if expected_version is None else expected_version
    if not booking.may_become(to):
        raise audit.outrun(booking, to.value)
    moved = changed(
        update(Booking)
        .where(Booking.id == booking.id, Booking.version == version, Booking.status == booking.status)
        .values(status=to, version=Booking.version + 1)
    )
    if moved != 1:
        raise audit.outrun(booking, to.value)
    db.session.refresh(booking, ["status", "version"])


def touch(booking: Booking, expected_version: int | None) -> None:
    """Move the version on for an act that leaves the status alone.

    Raises:
        Outrun: the version is not the expected one.
    """
    version = booking.version if expected_version is None else expected_version
    moved = changed(
        update(Booking).where(Booking.id == booking.id, Booking.version == version).values(version=version + 1)
    )
    if moved != 1:
        raise audit.outrun(booking, "changed")
    db.session.refresh(booking, ["version"])
