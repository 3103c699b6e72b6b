"""Adding, finding, confirming, declining, cancelling and reopening bookings."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
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
from webapp.i18n import N_, gettext
from webapp.models import Action, Audit, Booking, BookingStatus, Event, Message, phone_tail
from webapp.services import audit, messages
from webapp.services.audit import Actor
from webapp.services.bookings import notes
from webapp.services.bookings.act import Seen, move, perform, record
from webapp.services.guests import lanes
from webapp.services.messages import bell

# Pages below /bookings: a booking with such a reference could not be opened.
RESERVED = ("new", "list", "import", "export")
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"  # Without those that look alike.


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The part of a booking that can change; its addresses are read already (E.164, lower case)."""

    name: str
    phone: str | None = None
    email: str | None = None
    language: str = "en"
    channels: Collection[str] | None = None  # None: all that have an address.
    service: str
    starts_at: datetime
    party_size: int = 1
    amount: Decimal


@dataclass(frozen=True, kw_only=True)
class NewBooking(Facts):
    """A booking to be added."""

    currency: str
    reference: str = ""
    is_demo: bool = False
    note: str = ""  # For the other staff.


def find(reference: str, *options: ExecutableOption) -> Booking:
    """Find a booking's row; `options` say what is loaded with it.

    Raises:
        NotFound: no booking has this reference.
    """
    found = db.session.scalar(select(Booking).where(Booking.reference == reference).options(*options))
    if found is None:
        raise NotFound(gettext("There is no booking %(reference)s.", reference=reference))
    return found


def get(reference: str) -> Booking:
    """Find a booking to show it, with its payments, messages and their attempts."""
    whole = selectinload(Booking.messages).selectinload(Message.attempts)
    return find(reference, whole, selectinload(Booking.payments))


def create(new: NewBooking, *, by: Actor, confirmed: bool = False) -> Booking:
    """Add a booking; the guest's lane is found or added. A form that is posted twice adds one booking.

    `confirmed`: the same transaction confirms it and adds the guest's messages.

    Raises:
        Taken: the reference exists already.
        Repeated: the form has added another booking before.
    """
    if sentence := reserved(new.reference):
        raise Taken(sentence)
    if first := audit.made_by(by):
        return _made_before(first, new)
    after = replace(by, form_key=None)  # The form's key belongs to the first act.
    hold = audit.ACTS[Action.BOOKING_CONFIRMED].undo_seconds if by.may_undo else 0.0
    try:
        with writing():
            booking = add(new)
            audit.record(Action.BOOKING_CREATED, by=by, booking_id=booking.id)
            if new.note:
                notes.write(booking, new.note, by=after)
            if confirmed:
                _confirm_new(booking, after, hold)
    except IntegrityError as error:
        if first := audit.made_by(by):  # Two posts of one form at once.
            return _made_before(first, new)
        raise Taken(gettext("There is a booking %(reference)s already.", reference=new.reference)) from error
    if confirmed and not hold:
        bell.ring(booking.guest_id)
    return booking


def _confirm_new(booking: Booking, by: Actor, hold: float) -> None:
    """Confirm a booking in the transaction that has added it."""
    action, becomes = Action.BOOKING_CONFIRMED, BookingStatus.CONFIRMED
    letters = messages.prepare(booking, Event.BOOKING_CONFIRMED, becomes=becomes)

    def change(seen: Seen) -> dict[str, Any]:
        move(booking, seen, becomes)
        return {"before": seen.status, "reason": ""}

    record(action, Seen(booking.id, booking.status, booking.version), change, by=by, letters=letters, hold=hold)


def reserved(reference: str) -> str:
    """Returns why a booking cannot have this reference; empty if it can."""
    if reference.lower() not in RESERVED:
        return ""
    return gettext("%(reference)s cannot be a reference: a page of that name exists.", reference=reference)


def _made_before(first: Audit, new: NewBooking) -> Booking:
    """Returns the booking that this form has added.

    Raises:
        Repeated: something else was typed into the form since.
    """
    booking = db.session.get(Booking, first.booking_id or 0)
    if booking is None:
        raise Repeated(gettext("This form was sent before, for something else. Send it again."))
    same = all(getattr(booking, name) == getattr(new, name) for name in ("name", "phone", "email", "service"))
    if same and booking.starts_at == new.starts_at:
        return booking
    sentence = N_("This form has added the booking %(reference)s already. Send it again to add another one.")
    raise Repeated(gettext(sentence, reference=booking.reference))


def add(new: NewBooking) -> Booking:
    """Add the row inside the current write transaction."""
    columns = {name: value for name, value in vars(new).items() if name != "note"}
    booking = Booking(
        **columns
        | {
            "reference": new.reference or fresh_reference(),
            "phone_tail": phone_tail(new.phone),
            "guest_id": lanes.find_or_create(phone=new.phone, email=new.email),
            "channels": None if new.channels is None else [str(channel) for channel in new.channels],
        }
    )
    db.session.add(booking)
    db.session.flush()
    return booking


def fresh_reference() -> str:
    """Returns a random reference, one of 729 million."""
    return "BK-" + "".join(secrets.choice(LETTERS) for _ in range(6))


# The status that a step leads to.
BECOMES = {
    Action.BOOKING_CONFIRMED: BookingStatus.CONFIRMED,
    Action.BOOKING_DECLINED: BookingStatus.DECLINED,
    Action.BOOKING_CANCELLED: BookingStatus.CANCELLED,
    Action.BOOKING_COMPLETED: BookingStatus.COMPLETED,
    Action.BOOKING_NO_SHOW: BookingStatus.NO_SHOW,
    Action.BOOKING_REOPENED: BookingStatus.PENDING,
}


def _step(
    booking: Booking,
    *,
    action: Action,
    by: Actor,
    reason: str = "",
    expected_version: int | None = None,
    hold: float | None = None,
) -> Audit:
    """Change the status and tell the guest, if the act has messages; `hold`: seconds that they wait.

    Raises:
        Outrun: the booking has another state or version than the act was meant for.
        Conflict: whether the guest came is not known before the start.
    """
    event, becomes = audit.ACTS[action].tells, BECOMES[action]
    if becomes in (BookingStatus.COMPLETED, BookingStatus.NO_SHOW) and booking.starts_at > read_now():
        raise Conflict(gettext("%(reference)s has not started yet.", reference=booking.reference))
    if event:
        letters = messages.prepare(booking, event, becomes=becomes, reason=reason)
    else:
        letters = messages.prepare_none(booking, becomes)

    def change(seen: Seen) -> dict[str, Any]:
        move(booking, seen, becomes)
        return {"before": seen.status, "reason": reason}

    return perform(booking, action, change, by=by, expected_version=expected_version, letters=letters, hold=hold)


confirm = partial(_step, action=Action.BOOKING_CONFIRMED)
decline = partial(_step, action=Action.BOOKING_DECLINED)
cancel = partial(_step, action=Action.BOOKING_CANCELLED)
complete = partial(_step, action=Action.BOOKING_COMPLETED)
mark_no_show = partial(_step, action=Action.BOOKING_NO_SHOW)
reopen = partial(_step, action=Action.BOOKING_REOPENED)
