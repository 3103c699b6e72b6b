"""Recording a payment by hand on a booking."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, Invalid
from webapp.i18n import amount, gettext
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
    except Invalid as error:
        return _form(reference, error.fields), error.status
    except Conflict as error:
        return _form(reference, {"": error.sentence}), error.status
    said = gettext(
        "%(amount)s recorded for %(reference)s. The guest is told when you verify it.",
        amount=amount(typed.amount, booking.currency),
        reference=reference,
    )
    said = " ".join([said, *payment_view.warnings(payments.get(kept.id)).values()])
    return fragment_or_redirect("_flash.html", otherwise=url_for("bookings.show", reference=reference), toast=said)


def _form(reference: str, errors: dict[str, str] | None = None) -> str:
    booking = bookings.get(reference)
    return render_template(
        "payments/new.html",
        booking=booking,
        due=booking.due,
        methods=[gettext(method) for method in payment_form.METHODS],
        typed=request.form,
        errors=errors or {},
    )
