"""Whether the news of a message is still true and in time, and what it told: one rule for all who send."""

from datetime import datetime
from typing import Any

from webapp.extensions import db
from webapp.models import Audit, BookingStatus, Event, Message, Payment, PaymentState
from webapp.services.texts import Paid

# News about the left is void once the booking is none of the right.
HOLDS_WHILE: dict[Event, tuple[BookingStatus, ...]] = {
    Event.BOOKING_CONFIRMED: (BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW),
    Event.BOOKING_DECLINED: (BookingStatus.DECLINED,),
    Event.BOOKING_CANCELLED: (BookingStatus.CANCELLED,),
    Event.BOOKING_CHANGED: (BookingStatus.PENDING, BookingStatus.CONFIRMED),
}
# News of a payment is true while the payment is what it says.
PAYMENT_IS = {
    Event.PAYMENT_VERIFIED: PaymentState.VERIFIED,
    Event.PAYMENT_REJECTED: PaymentState.REJECTED,
    Event.PAYMENT_REVERSED: PaymentState.REVERSED,
}


def is_superseded(event: Event, booking: BookingStatus | None, payment: PaymentState | None = None) -> bool:
    """Whether the booking or the payment has gone on in a way that makes this news untrue.

    A claim leaves the payment out: its guest hears of each decision in order.
    """
    if payment is not None and payment is not PAYMENT_IS.get(event, payment):
        return True
    return booking is not None and booking not in HOLDS_WHILE.get(event, (booking,))


def why_void(
    event: Event,
    booking: BookingStatus | None,
    expires_at: datetime,
    moment: datetime,
    payment: PaymentState | None = None,
) -> str:
    """Returns the code of why a message is not sent any more, `superseded` or `expired`; empty where it may be."""
    if is_superseded(event, booking, payment):
        return "superseded"
    return "expired" if expires_at <= moment else ""


def payment_state(message: Message) -> PaymentState | None:
    """Returns how the payment stands that a message tells of; None where it tells of none."""
    payment = payment_of(message) if message.event in PAYMENT_IS else None
    return payment.status if payment else None


def reason_of(message: Message) -> str:
    """Returns the reason that was given with the act which a message tells of."""
    act = db.session.get(Audit, message.act_id) if message.act_id else None
    return str(act.detail.get("reason") or _passed_on(act, message).get("reason") or "") if act else ""


def payment_of(message: Message) -> Payment | None:
    """Returns the payment that a message tells of; None where it tells of none."""
    act = db.session.get(Audit, message.act_id) if message.act_id else None
    if act is None:
        return None
    payment_id = act.payment_id or act.detail.get("payment") or _passed_on(act, message).get("payment")
    return db.session.get(Payment, payment_id) if payment_id else None


def _passed_on(act: Audit, message: Message) -> dict[str, Any]:
    """Returns what an act that only sent the news again keeps of the act that the news is about."""
    found: dict[str, Any] = act.detail.get("news", {}).get(message.event, {})
    return found


def paid_of(message: Message) -> Paid | None:
    """Returns what the text says of its payment, with what is due of the booking now."""
    payment = payment_of(message)
    return Paid(payment.amount, payment.booking.due) if payment else None
