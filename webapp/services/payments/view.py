"""What staff see of a payment beside its columns: what is due, what is odd about it, and who decided it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp import money, words
from webapp.extensions import db
from webapp.models import Action, Audit, Payment, PaymentState
from webapp.services.guests import reach

DECISIONS = (Action.PAYMENT_VERIFIED, Action.PAYMENT_REJECTED, Action.PAYMENT_REVERSED)


@dataclass(frozen=True)
class Shown:
    """A payment as its row shows it."""

    payment: Payment
    due: Decimal  # What the booking costs, less what was verified; below 0 where too much was.
    seen_before: Payment | None  # The first payment that came with the same reference.
    decided_by: str  # Empty where nobody has.
    is_reachable: bool  # Whether its guest hears of a decision on any channel.

    @property
    def too_much(self) -> Decimal:
        """By how much a payment that is to be decided exceeds what is due; below 0 where it is too little."""
        return self.payment.amount - self.due if self.payment.may_become(PaymentState.VERIFIED) else Decimal(0)


def warnings(payment: Payment) -> dict[str, str]:
    """What is odd about a payment that was just recorded: a sentence by field."""
    (one,), currency = shown([payment]), payment.booking.currency
    said = {}
    if one.seen_before:
        before = one.seen_before
        state = words.PAYMENT[before.status].label.lower()
        said["reference"] = (
            f"The same reference came before: payment {before.id} of {before.booking.reference} ({state})."
        )
    if one.too_much > 0:
        said["amount"] = f"This is {money.shown(one.too_much, currency)} more than is due."
    return said


def shown(payments: Sequence[Payment]) -> list[Shown]:
    """See payments, their bookings and those bookings' payments loaded; four queries, however many there are."""
    first, deciders = _first_of_reference(payments), _deciders(payments)
    reaches = reach.find([payment.booking for payment in payments])
    return [
        Shown(
            payment=payment,
            due=payment.booking.due,
            seen_before=earlier if (earlier := first.get(payment.reference)) and earlier.id < payment.id else None,
            decided_by=deciders.get(payment.id, "") if payment.decided_at else "",
            is_reachable=any(one.is_open for one in of_guest),
        )
        for payment, of_guest in zip(payments, reaches, strict=True)
    ]


def _first_of_reference(payments: Sequence[Payment]) -> dict[str, Payment]:
    """The oldest payment of each reference."""
    references = {payment.reference for payment in payments}
    oldest = select(func.min(Payment.id)).where(Payment.reference.in_(references)).group_by(Payment.reference)
    ids = set(db.session.scalars(oldest)) - {payment.id for payment in payments}
    earlier = db.session.scalars(select(Payment).where(Payment.id.in_(ids)).options(joinedload(Payment.booking)))
    # Of two on this very page, the elder is the first.
    together = sorted([*payments, *earlier], key=lambda payment: payment.id, reverse=True)
    return {payment.reference: payment for payment in together}


def _deciders(payments: Sequence[Payment]) -> dict[int, str]:
    """Who decided each last. By way of the booking, whose acts have an index."""
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
