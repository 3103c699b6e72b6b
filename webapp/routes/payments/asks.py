"""Questions before a payment is rejected or reversed."""

from functools import partial

from flask import Blueprint, request

from webapp.i18n import amount, gettext
from webapp.models import Action, PaymentState, Role
from webapp.routes import access
from webapp.routes.bookings.asks import Question, add
from webapp.routes.payments.pages import ONE
from webapp.routes.payments.responses import VIEW
from webapp.services import audit, payments

bp = Blueprint("payment_asks", __name__, url_prefix="/payments")
access.require(bp, Role.FRONT_DESK)


def question(to: PaymentState, payment_id: int) -> Question:
    """Returns what is asked before a payment gets this state."""
    payment, view = payments.get(payment_id), request.args.get("view", "card")
    booking, reverses = payment.booking, to is PaymentState.REVERSED
    action = Action.PAYMENT_REVERSED if reverses else Action.PAYMENT_REJECTED
    of = {"amount": amount(payment.amount, booking.currency), "reference": booking.reference}
    if reverses:
        title = gettext("Reverse the payment of %(amount)s for %(reference)s?", **of)
    else:
        title = gettext("Reject the payment of %(amount)s for %(reference)s?", **of)
    return Question(
        booking=booking,
        title=title,
        verb=gettext("Reverse this payment") if reverses else gettext("Reject this payment"),
        keep=gettext("Keep the payment"),
        icon=audit.ACTS[action].icon,
        target=f"#payment-{payment_id}" if view == VIEW else "#booking",
        view=view,
        write=partial(payments.preview, payment, to),
        needs_reason=reverses,
        too_late="" if payment.may_become(to) else audit.outrun(booking).sentence,
    )


add(bp, f"/{ONE}/rejection", partial(question, PaymentState.REJECTED))
