"""Recording, verifying, rejecting and reversing payments."""

from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp import money
from webapp.database import changed, later, now, writing
from webapp.errors import Conflict, Invalid, NotFound, Twin
from webapp.extensions import db
from webapp.models import PAYMENT_STEPS, Action, Audit, Booking, Payment, PaymentState
from webapp.services import audit, bookings, messages
from webapp.services.audit import Actor
from webapp.services.bookings import Seen
from webapp.services.texts import Paid

TWIN_SECONDS = 60.0


def get(payment_id: int) -> Payment:
    """Find a payment.

    Raises:
        NotFound: there is none of that id.
    """
    found = db.session.get(Payment, payment_id)
    if found is None:
        raise NotFound(f"There is no payment {payment_id}.")
    return found


def submitted(booking: Booking, payment_id: int | None) -> Payment:
    """The payment that an act without doubt means.

    Raises:
        NotFound: the id is none of this booking's.
        Conflict: none is submitted, or several are and no id was given.
    """
    payments: list[Payment] = booking.payments
    if payment_id is not None:
        if named := next((p for p in payments if p.id == payment_id), None):
            return named
        raise NotFound(f"{booking.reference} has no payment {payment_id}.")
    open_ones = [p for p in payments if p.status is PaymentState.SUBMITTED]
    if len(open_ones) != 1:
        many = "several submitted payments: say which by payment_id" if open_ones else "no submitted payment"
        raise Conflict(f"{booking.reference} has {many}.")
    return open_ones[0]


def submit(booking: Booking, *, method: str, amount: Decimal, reference: str, by: Actor) -> Payment:
    """Record that a payment is said to have been made; a form that is posted twice records one.

    Raises:
        Invalid: the amount has more decimals than the booking's currency.
        Conflict: the booking is declined or cancelled, or has had the very same payment for less than a minute.
    """
    try:
        money.check(amount, booking.currency)
    except ValueError as finer:
        raise Invalid(fields={"amount": str(finer)}) from finer
    try:
        with writing():
            payment = add(booking, method=method, amount=amount, reference=reference)
            _refuse_twin(payment)
            audit.record(Action.PAYMENT_SUBMITTED, by=by, booking_id=booking.id, payment_id=payment.id)
    except (IntegrityError, Twin) as repeat:
        payment = get(audit.first_result(by, repeat).payment_id or 0)
    return payment


def _refuse_twin(payment: Payment) -> None:
    """Refuse the same payment within a minute; the booking's row is locked, so that of two at once one is seen.

    Raises:
        Twin: there is one, which is named.
    """
    same = (
        Payment.booking_id == payment.booking_id,
        Payment.method == payment.method,
        Payment.amount == payment.amount,
        Payment.reference == payment.reference,
    )
    recent = select(Payment.id).where(*same, Payment.id != payment.id, Payment.created_at > later(-TWIN_SECONDS))
    if (twin := db.session.scalar(recent.order_by(Payment.id).limit(1))) is not None:
        raise Twin(
            f"This payment was recorded less than a minute ago, as payment {twin}: its method, amount and reference "
            "are the same. If it is another one, give it a reference of its own."
        )


def add(booking: Booking, *, method: str, amount: Decimal, reference: str) -> Payment:
    """Add the row inside the current write transaction, and move the booking's version on."""
    bookings.touch(booking, Seen(booking.id, booking.status, booking.version))
    if not booking.may_be_paid:
        raise Conflict(f"{booking.reference} is {booking.status}: no payment is taken for it.")
    payment = Payment(booking_id=booking.id, method=method, amount=amount, reference=reference)
    db.session.add(payment)
    db.session.flush()
    return payment


def verify(payment: Payment, *, by: Actor, expected_version: int | None = None) -> Audit:
    """Say that the money is there, and tell the guest."""
    return _decide(payment, PaymentState.VERIFIED, Action.PAYMENT_VERIFIED, by, "", expected_version)


def reject(payment: Payment, *, by: Actor, reason: str = "", expected_version: int | None = None) -> Audit:
    """Say that the money is not there, and tell the guest."""
    return _decide(payment, PaymentState.REJECTED, Action.PAYMENT_REJECTED, by, reason, expected_version)


def reverse(payment: Payment, *, by: Actor, reason: str, expected_version: int | None = None) -> Audit:
    """Say that verified money is not there after all, and tell the guest. It is asked for with a reason, and not held.

    Raises:
        Invalid: there is no reason.
    """
    if not reason:
        raise Invalid("Say why this payment is reversed: the guest reads it, and so does whoever asks later.")
    return _decide(payment, PaymentState.REVERSED, Action.PAYMENT_REVERSED, by, reason, expected_version)


def _decide(
    payment: Payment, to: PaymentState, action: Action, by: Actor, reason: str, expected_version: int | None
) -> Audit:
    """One guarded step of a payment with its messages.

    Raises:
        Outrun: the payment was decided already, or the booking is of another version.
    """
    booking, payment_id, before = payment.booking, payment.id, payment.status
    event = audit.ACTS[action].tells
    letters = messages.prepare(booking, event, reason=reason, paid=_told(payment, to)) if event else None

    def change(seen: Seen) -> dict[str, Any]:
        bookings.touch(booking, seen)
        move(booking, payment_id, before, to, reason)
        return {"payment_id": payment_id, "before": before, "reason": reason}

    return bookings.perform(booking, action, change, by=by, expected_version=expected_version, letters=letters)


def _told(payment: Payment, to: PaymentState) -> Paid:
    """What the guest is told of a payment: its own sum, and what is due once it has come `to` that state."""
    more = (to is PaymentState.VERIFIED) - (payment.status is PaymentState.VERIFIED)
    return Paid(payment.amount, payment.booking.due - more * payment.amount)


def move(booking: Booking, payment_id: int, before: PaymentState, to: PaymentState, reason: str) -> None:
    """Change the state by a guarded UPDATE.

    Raises:
        Outrun: the state forbids it, or somebody else was first.
    """
    if to not in PAYMENT_STEPS.get(before, ()):
        raise audit.outrun(booking)
    moved = changed(
        update(Payment)
        .where(Payment.id == payment_id, Payment.status == before)
        .values(status=to, reason=reason, decided_at=now())
    )
    if moved != 1:
        raise audit.outrun(booking)


def to_verify(limit: int = 50) -> list[Payment]:
    """The submitted payments, oldest first."""
    waiting = select(Payment).where(Payment.status == PaymentState.SUBMITTED).order_by(Payment.id)
    return list(db.session.scalars(waiting.limit(limit)))
