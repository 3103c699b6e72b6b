"""Recording a payment by hand on a booking."""

from decimal import Decimal

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, Invalid
from webapp.i18n import amount, gettext
from webapp.models import Booking, Role
from webapp.routes import access
from webapp.routes.bookings.responses import done
from webapp.routes.responses import actor, fragment_or_redirect, was_asked
from webapp.services import bookings, payments
from webapp.services.payments import form as payment_form
from webapp.services.payments import view as payment_view
from webapp.services.payments.form import Typed
from webapp.settings import current

bp = Blueprint("booking_payments", __name__, url_prefix="/bookings/<reference>/payments")
access.require(bp, Role.FRONT_DESK)


@bp.get("/new")
def new(reference: str) -> ResponseReturnValue:
    """The form for a payment; `?cash=yes` fills in how it was paid."""
    return _form(bookings.get(reference))


@bp.post("")
def record(reference: str) -> ResponseReturnValue:
    """Record a payment, and verify it if that button was pressed; one that is too much is asked about first."""
    booking = bookings.get(reference)
    try:
        typed = payment_form.read(request.form, booking.currency)
        if over := _unasked(booking, typed):
            return _form(booking, {"amount": payment_view.over_in_words(booking, over)}, over), 422
        return _received(booking, typed) if request.form.get("then") == "verify" else _submitted(booking, typed)
    except Invalid as error:
        return _form(bookings.get(reference), error.fields), error.status
    except Conflict as error:
        return _form(bookings.get(reference), {"": error.sentence}), error.status


def _unasked(booking: Booking, typed: Typed) -> Decimal | None:
    """Returns by how much the payment exceeds the sum that is due, unless this form was asked about it before."""
    over = typed.amount - booking.due
    return None if over <= 0 or was_asked(over) else over


def _received(booking: Booking, typed: Typed) -> ResponseReturnValue:
    act = payments.receive(booking, method=typed.method, amount=typed.amount, reference=typed.reference, by=actor())
    booking = bookings.get(booking.reference)
    said = gettext(
        "%(reference)s: %(amount)s received.",
        reference=booking.reference,
        amount=amount(typed.amount, booking.currency),
    )
    return done(booking.reference, act, f"{said} {payment_view.balance_in_words(booking)}")


def _submitted(booking: Booking, typed: Typed) -> ResponseReturnValue:
    reference = booking.reference
    kept = payments.submit(booking, method=typed.method, amount=typed.amount, reference=typed.reference, by=actor())
    said = gettext(
        "%(amount)s recorded for %(reference)s. The guest is told when you verify it.",
        amount=amount(typed.amount, kept.booking.currency),
        reference=reference,
    )
    said = " ".join([said, *payment_view.warnings(payments.get(kept.id)).values()])
    return fragment_or_redirect("_flash.html", otherwise=url_for("bookings.show", reference=reference), toast=said)


def _form(booking: Booking, errors: dict[str, str] | None = None, over: Decimal | None = None) -> str:
    """Returns the form; `over`: the excess that it asks about."""
    first = {"method": gettext(payment_form.CASH) if "cash" in request.args else ""}
    return render_template(
        "payments/new.html",
        booking=booking,
        methods=[gettext(method) for method in payment_form.METHODS],
        typed=request.form or first,
        errors=errors or {},
        over=over,
        undo_seconds=current().undo_seconds,
    )
