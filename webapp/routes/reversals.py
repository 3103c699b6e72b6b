"""Reversing a verified payment: a manager's act."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.models import Role
from webapp.routes import access, payment_answers
from webapp.routes.answers import actor, form_version
from webapp.routes.booking_answers import reason
from webapp.routes.payment_answers import done, named
from webapp.routes.payments import ONE
from webapp.services import payments

bp = Blueprint("reversals", __name__, url_prefix="/payments")
access.require(bp, Role.MANAGER)


@bp.post(f"/{ONE}/reversal")
def reverse(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.reverse(payments.get(payment_id), by=actor(), reason=reason(), expected_version=form_version())
    return done(payment_id, act, f"{what} reversed.")


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show how it stands."""
    return payment_answers.refused((request.view_args or {})["payment_id"], error)
