"""Deciding on payments, from a row of the list or from the booking's page."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.models import Role
from webapp.routes import access, booking_answers
from webapp.routes.answers import actor, form_version
from webapp.routes.booking_answers import done, reason
from webapp.services import payments
from webapp.templating import money

bp = Blueprint("payments", __name__, url_prefix="/payments")
access.require(bp, Role.FRONT_DESK)
ONE = "<int(max=999999999999999999):payment_id>"  # More is no number to the database.


@bp.post(f"/{ONE}/verification")
def verify(payment_id: int) -> ResponseReturnValue:
    what = _named(payment_id)
    act = payments.verify(payments.get(payment_id), by=actor(), expected_version=form_version())
    return done(_reference(payment_id), act, f"{what} verified.")


@bp.post(f"/{ONE}/rejection")
def reject(payment_id: int) -> ResponseReturnValue:
    what = _named(payment_id)
    act = payments.reject(payments.get(payment_id), by=actor(), reason=reason(), expected_version=form_version())
    return done(_reference(payment_id), act, f"{what} rejected.")


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show the payment's booking as it stands."""
    return booking_answers.refused(_reference((request.view_args or {})["payment_id"]), error)


def _reference(payment_id: int) -> str:
    return payments.get(payment_id).booking.reference


def _named(payment_id: int) -> str:
    payment = payments.get(payment_id)
    return f"{payment.booking.reference}: {money(payment.amount, payment.booking.currency)}"
