"""Recording a payment by hand on a booking."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import money
from webapp.errors import Conflict, Invalid
from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services import bookings, payments
from webapp.services.payments import form as payment_form
from webapp.services.payments import view as payment_view

bp = Blueprint("booking_payments", __name__, url_prefix="/bookings/<reference>/payments")
access.require(bp, Role.FRONT_DESK)


@bp.get("/new")
def new(reference: str) -> ResponseReturnValue:
    """The form for a payment."""
    return _form(reference)


@bp.post("")
def record(reference: str) -> ResponseReturnValue:
    """Record a payment; somebody has to verify it."""
    booking = bookings.get(reference)
    try:
        typed = payment_form.read(request.form, booking.currency)
        kept = payments.submit(booking, method=typed.method, amount=typed.amount, reference=typed.reference, by=actor())
    except Invalid as wrong:
        return _form(reference, wrong.fields), wrong.status
    except Conflict as refusal:
        return _form(reference, {"": refusal.sentence}), refusal.status
    amount = money.shown(typed.amount, booking.currency)
    said = f"{amount} recorded for {reference}, to be verified. Nobody is told yet."
    said = " ".join([said, *payment_view.warnings(payments.get(kept.id)).values()])
    return fragment_or_redirect("_flash.html", otherwise=url_for("bookings.show", reference=reference), toast=said)


def _form(reference: str, errors: dict[str, str] | None = None) -> str:
    booking = bookings.get(reference)
    return render_template(
        "payments/new.html",
        booking=booking,
        due=booking.due,
        methods=payment_form.METHODS,
        typed=request.form,
        errors=errors or {},
    )
