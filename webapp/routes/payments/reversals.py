"""Reversing a verified payment: a manager's act."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.i18n import gettext
from webapp.models import PaymentState, Role
from webapp.routes import access
from webapp.routes.bookings.asks import show
from webapp.routes.bookings.responses import reason
from webapp.routes.payments import responses as payment_responses
from webapp.routes.payments.asks import question
from webapp.routes.payments.pages import ONE
from webapp.routes.payments.responses import done, named
from webapp.routes.responses import actor, form_version
from webapp.services import payments

bp = Blueprint("reversals", __name__, url_prefix="/payments")
access.require(bp, Role.MANAGER)


@bp.get(f"/{ONE}/reversal")
def page(payment_id: int) -> ResponseReturnValue:
    return show(question(payment_id, PaymentState.REVERSED), "page")


@bp.get(f"/{ONE}/reversal/dialog")
def dialog(payment_id: int) -> ResponseReturnValue:
    return show(question(payment_id, PaymentState.REVERSED), "_dialog")


@bp.get(f"/{ONE}/reversal/texts")
def texts(payment_id: int) -> ResponseReturnValue:
    """The texts with the reason that is being typed."""
    return show(question(payment_id, PaymentState.REVERSED), "_texts")


@bp.post(f"/{ONE}/reversal")
def reverse(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.reverse(payments.get(payment_id), by=actor(), reason=reason(), expected_version=form_version())
    return done(payment_id, act, gettext("%(payment)s reversed.", payment=what))


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show the payment as it is now."""
    return payment_responses.refused((request.view_args or {})["payment_id"], error)
