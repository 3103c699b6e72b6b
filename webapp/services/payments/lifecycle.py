"""Recording, verifying, rejecting and reversing payments."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp import money, words
from webapp.database import changed, later, now, writing
from webapp.errors import Conflict, Invalid, NotFound, Twin
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import PAYMENT_STEPS, Action, Audit, Booking, Event, Payment, PaymentState
from webapp.services import audit, bookings, messages
from webapp.services.audit import Actor
from webapp.services.bookings import Seen
from webapp.services.messages.compose import PreparedMessages
from webapp.services.messages.truth import PAYMENT_IS
from webapp.services.texts import Paid

TWIN_SECONDS = 60.0
EVENTS = {state: event for event, state in PAYMENT_IS.items()}


def get(payment_id: int) -> Payment:
    """Find a payment.

    Raises:
        NotFound: no payment has this id.
    """
    found = db.session.get(Payment, payment_id)
    if found is None:
        raise NotFound(gettext("There is no payment %(number)s.", number=payment_id))
    return found


def submitted(booking: Booking, payment_id: int | None) -> Payment:
    """Returns the payment that a call means; the API may leave out its id if only one is submitted.

    Raises:
        NotFound: the booking has no such payment.
        Conflict: no id was given, and not exactly one payment is submitted.
    """
    payments: list[Payment] = booking.payments
    if payment_id is not None:
        if named := next((p for p in payments if p.id == payment_id), None):
            return named
        sentence = f"{booking.reference} has no payment {payment_id}."  # Only the API is told.
        raise NotFound(sentence)
    open_ones = [p for p in payments if p.status is PaymentState.SUBMITTED]
    if len(open_ones) != 1:
        many = "several submitted payments: say which by payment_id" if open_ones else "no submitted payment"
        sentence = f"{booking.reference} has {many}."
        raise Conflict(sentence)
    return open_ones[0]


def submit(booking: Booking, *, method: str, amount: Decimal, reference: str, by: Actor) -> Payment:
    """Record a payment that somebody has to verify; a form that is posted twice records one.

    Raises:
        Invalid: the amount has more decimals than the booking's currency.
        Conflict: the booking is declined or cancelled, or has had the very same payment for less than a minute.
    """
    _check(amount, booking)
    try:
        with writing():
            bookings.touch(booking, Seen(booking.id, booking.status, booking.version))
            payment = _add(booking, method=method, amount=amount, reference=reference)
            audit.record(Action.PAYMENT_SUBMITTED, by=by, booking_id=booking.id, payment_id=payment.id)
    except (IntegrityError, Twin) as error:
        payment = get(audit.first_result(by, error).payment_id or 0)
    return payment


def receive(
    booking: Booking,
    *,
    method: str,
    amount: Decimal,
    reference: str,
    by: Actor,
    expected_version: int | None = None,
    proof: str | None = None,
    also: Callable[[], Mapping[str, Any]] = dict,
) -> Audit:
    """Record money that has certainly come as a verified payment, and tell the guest, in one transaction.

    `proof`: what a bank or a gateway says of the money; it verifies the payment of this amount that waits for it, if
    there is one. `also` runs in the same transaction and returns details for the audit row. Undoing it removes a
    payment that it added.

    Raises:
        Invalid: the amount has more decimals than the booking's currency.
        Outrun: the booking is of another version.
        Conflict: the booking is declined or cancelled, or has had the very same payment for less than a minute.
    """
    _check(amount, booking)
    letters = messages.prepare(booking, Event.PAYMENT_VERIFIED, paid=Paid(amount, booking.due - amount))

    def change(seen: Seen) -> dict[str, Any]:
        bookings.touch(booking, seen)
        payment = waiting(booking, amount, proof) if proof is not None else None
        detail: dict[str, Any] = {"before": PaymentState.SUBMITTED}
        if payment is None:
            payment = _add(booking, method=method, amount=amount, reference=reference)
            shown = f"{money.plain(amount, booking.currency)} {booking.currency}"
            detail = {"before": "", "amount": shown, "method": method}
        move(booking, payment.id, PaymentState.SUBMITTED, PaymentState.VERIFIED, "")
        return {"payment_id": payment.id, "reason": "", **detail, **also()}

    act = Action.PAYMENT_VERIFIED
    return bookings.perform(booking, act, change, by=by, expected_version=expected_version, letters=letters)


def waiting(booking: Booking, amount: Decimal, proof: str) -> Payment | None:
    """Returns the submitted payment of this amount; of several, the one whose reference the proof names."""
    same = (p for p in booking.payments if p.may_become(PaymentState.VERIFIED) and p.amount == amount)
    return min(same, key=lambda p: (p.reference.lower() not in proof.lower(), p.id), default=None)


def _check(amount: Decimal, booking: Booking) -> None:
    try:
        money.check(amount, booking.currency)
    except ValueError as error:
        raise Invalid(fields={"amount": str(error)}) from error


def _refuse_twin(payment: Payment) -> None:
    """Refuse the same payment within a minute; the booking's row is locked, so that two at once see each other.

    Raises:
        Twin: there is one.
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
            gettext(
                "This payment was recorded less than a minute ago, as payment %(number)s: method, amount and reference "
                "are the same. If it is another payment, give it another reference.",
                number=twin,
            )
        )


def _add(booking: Booking, *, method: str, amount: Decimal, reference: str) -> Payment:
    """Add the row inside the current write transaction, which has increased the booking's version.

    Raises:
        Conflict: the booking accepts no payment.
        Twin: the very same payment was recorded less than a minute ago.
    """
    if not booking.may_be_paid:
        sentence = N_("%(reference)s cannot be paid. Status: %(status)s.")
        status = words.BOOKING[booking.status].label
        raise Conflict(gettext(sentence, reference=booking.reference, status=status))
    payment = Payment(
        booking_id=booking.id, method=method, amount=amount, reference=reference, status=PaymentState.SUBMITTED
    )
    db.session.add(payment)
    db.session.flush()
    _refuse_twin(payment)
    return payment


def verify(payment: Payment, *, by: Actor, expected_version: int | None = None) -> Audit:
    """Mark a payment as received, and tell the guest."""
    return _decide(payment, PaymentState.VERIFIED, Action.PAYMENT_VERIFIED, by, "", expected_version)


def reject(payment: Payment, *, by: Actor, reason: str = "", expected_version: int | None = None) -> Audit:
    """Mark a payment as not received, and tell the guest."""
    return _decide(payment, PaymentState.REJECTED, Action.PAYMENT_REJECTED, by, reason, expected_version)


def reverse(payment: Payment, *, by: Actor, reason: str, expected_version: int | None = None) -> Audit:
    """Take back a verification, and tell the guest.

    Raises:
        Invalid: there is no reason.
    """
    if not reason:
        raise Invalid(gettext("Say why this payment is reversed: the guest will see it."))
    return _decide(payment, PaymentState.REVERSED, Action.PAYMENT_REVERSED, by, reason, expected_version)


def preview(payment: Payment, to: PaymentState, reason: str) -> PreparedMessages:
    """Write the messages of a decision, without making it."""
    return messages.prepare(payment.booking, EVENTS[to], reason=reason, paid=_paid(payment, to))


def _decide(
    payment: Payment, to: PaymentState, action: Action, by: Actor, reason: str, expected_version: int | None
) -> Audit:
    """Change the state of a payment and tell the guest.

    Raises:
        Outrun: the payment was decided already, or the booking is of another version.
    """
    booking, payment_id, before, decided_at = payment.booking, payment.id, payment.status, payment.decided_at
    letters = preview(payment, to, reason)

    def change(seen: Seen) -> dict[str, Any]:
        bookings.touch(booking, seen)
        move(booking, payment_id, before, to, reason)
        decided = {"decided_at": decided_at.isoformat()} if decided_at else {}
        return {"payment_id": payment_id, "before": before, "reason": reason} | decided

    return bookings.perform(booking, action, change, by=by, expected_version=expected_version, letters=letters)


def _paid(payment: Payment, to: PaymentState) -> Paid:
    """Returns what the messages say of a payment: its amount, and the sum that is due once it is in state `to`."""
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
