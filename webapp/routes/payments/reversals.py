"""Reversing a verified payment: a manager's act."""

from functools import partial

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.i18n import gettext
from webapp.models import PaymentState, Role
from webapp.routes import access
from webapp.routes.bookings.asks import add
from webapp.routes.bookings.responses import reason
from webapp.routes.payments import responses as payment_responses
from webapp.routes.payments.asks import question
from webapp.routes.payments.pages import ONE
from webapp.routes.payments.responses import done, named
from webapp.routes.responses import actor, form_version
from webapp.services import payments

bp = Blueprint("reversals", __name__, url_prefix="/payments")
access.require(bp, Role.MANAGER)


add(bp, f"/{ONE}/reversal", partial(question, PaymentState.REVERSED))


@bp.post(f"/{ONE}/reversal")
def reverse(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.reverse(payments.get(payment_id), by=actor(), reason=reason(), expected_version=form_version())
    return done(payment_id, act, gettext("%(payment)s reversed.", payment=what))


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show the payment as it is now."""
    return payment_responses.refused((request.view_args or {})["payment_id"], error)
