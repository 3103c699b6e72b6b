"""What staff see of a payment beside its columns: the sum that is due, warnings, and who decided it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import words
from webapp.extensions import db
from webapp.i18n import amount, gettext
from webapp.models import Action, Audit, Booking, Payment, PaymentState
from webapp.services.guests import reach

DECISIONS = (Action.PAYMENT_VERIFIED, Action.PAYMENT_REJECTED, Action.PAYMENT_REVERSED)


@dataclass(frozen=True)
class Shown:
    """A payment as its row shows it."""

    payment: Payment
    seen_before: Payment | None  # The first payment with the same reference.
    decided_by: str  # Empty if nobody has.

    @property
    def too_much(self) -> Decimal:
        """Returns by how much a payment to verify exceeds the sum that is due; below 0 if it is too little."""
        is_open = self.payment.may_become(PaymentState.VERIFIED)
        return self.payment.amount - self.payment.booking.due if is_open else Decimal(0)


def warnings(payment: Payment) -> dict[str, str]:
    """Returns warnings by field for a payment that was just recorded."""
    (one,) = shown([payment])
    said = {}
    if one.seen_before:
        before = one.seen_before
        said["reference"] = gettext(
            "Payment %(number)s of %(reference)s has the same reference (%(status)s).",
            number=before.id,
            reference=before.booking.reference,
            status=words.PAYMENT[before.status].label,
        )
    if one.too_much > 0:
        said["amount"] = over_in_words(payment.booking, one.too_much)
    return said


def over_in_words(booking: Booking, over: Decimal) -> str:
    """Returns that a payment is `over` more than the sum that is due."""
    excess, due = amount(over, booking.currency), amount(max(booking.due, Decimal(0)), booking.currency)
    if booking.due <= 0:
        return gettext("This is %(amount)s too much: the booking is paid in full.", amount=excess)
    return gettext("This is %(amount)s too much: %(due)s is due.", amount=excess, due=due)


def balance_in_words(booking: Booking) -> str:
    """Returns what is due after a payment, for a toast."""
    if booking.due == 0:
        return gettext("Paid in full.")
    sum_ = amount(abs(booking.due), booking.currency)
    return (
        gettext("%(amount)s is still due.", amount=sum_)
        if booking.due > 0
        else gettext("That is %(amount)s too much.", amount=sum_)
    )


def shown(payments: Sequence[Payment]) -> list[Shown]:
    """See payments, their bookings and those bookings' payments loaded; four queries, however many there are."""
    first, deciders = _first_of_reference(payments), _deciders(payments)
    reaches = reach.find([payment.booking for payment in payments])
    return [
        Shown(
            payment=payment,
            seen_before=earlier if (earlier := first.get(payment.reference)) and earlier.id < payment.id else None,
            decided_by=deciders.get(payment.id, "") if payment.decided_at else "",
        )
        for payment, of_guest in zip(payments, reaches, strict=True)
    ]


def _first_of_reference(payments: Sequence[Payment]) -> dict[str, Payment]:
    """Returns the oldest payment of each reference."""
    references = {payment.reference for payment in payments} - {""}
    oldest = select(func.min(Payment.id)).where(Payment.reference.in_(references)).group_by(Payment.reference)
    ids = set(db.session.scalars(oldest)) - {payment.id for payment in payments}
    earlier = db.session.scalars(select(Payment).where(Payment.id.in_(ids)).options(joinedload(Payment.booking)))
    # Of two on this page the older one is the first.
    together = sorted([*payments, *earlier], key=lambda payment: payment.id, reverse=True)
    return {payment.reference: payment for payment in together}


def _deciders(payments: Sequence[Payment]) -> dict[int, str]:
    """Returns who decided each payment last; read by the booking, because its acts have an index."""
    decided = [payment for payment in payments if payment.decided_at]
    acts = db.session.execute(
        select(Audit.payment_id, Audit.actor)
        .where(
            Audit.booking_id.in_({payment.booking_id for payment in decided}),
            Audit.payment_id.in_({payment.id for payment in decided}),
            Audit.action.in_(DECISIONS),
        )
        .order_by(Audit.id)
    )
    return {payment_id: actor for payment_id, actor in acts if payment_id is not None}
