"""Answers to an act on a payment: its row of the list of payments if the form stood there, else its booking."""

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, NotFound
from webapp.i18n import amount, gettext
from webapp.models import Audit
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.responses import Outlook, fragment_or_redirect, list_or
from webapp.services import bookings, payments
from webapp.services.bookings import counts as booking_counts
from webapp.services.payments import listing as payment_list
from webapp.services.payments import view as payment_view
from webapp.templating import form_key

VIEW = "payment"  # The value of `view` in the forms of this list's rows.


def named(payment_id: int) -> str:
    """Returns a payment as a toast calls it."""
    payment = payments.get(payment_id)
    return f"{payment.booking.reference}: {amount(payment.amount, payment.booking.currency)}"


def done(payment_id: int, act: Audit, what: str) -> ResponseReturnValue:
    """Say what was done and how many messages go out, with a way to undo it."""
    reference = payments.get(payment_id).booking.reference
    if request.form.get("view", "") != VIEW:
        return booking_responses.done(reference, act, what)
    toast, outlook, can_undo = booking_responses.toast_of(bookings.get(reference), act, what)
    return as_it_stands(payment_id, toast, outlook=outlook, act=act if can_undo else None)


def as_it_stands(
    payment_id: int,
    toast: str,
    *,
    outlook: Outlook | None = None,
    act: Audit | None = None,
    tone: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Answer with the row; the toast offers to undo `act`."""
    booking_counts.forget()
    place = f"payment-{payment_id}"
    undo: dict[str, Any] | None = None
    if act:
        fields = {"act": act.id, "form_key": form_key("undo", act.id)}
        undo = {"url": url_for("payments.take_back", payment_id=payment_id), "target": f"#{place}", "fields": fields}
    payment = payment_list.one(payment_id)
    if payment is None:
        raise NotFound(gettext("There is no payment %(number)s.", number=payment_id))
    page = url_for("bookings.show", reference=payment.booking.reference)
    return fragment_or_redirect(
        "payments/_row.html",
        otherwise=list_or((url_for("payments.index"),), place, page),
        toast=toast,
        outlook=outlook,
        undo=undo,
        tone=tone,
        status=status,
        shown=payment_view.shown([payment])[0],
    )


def refused(payment_id: int, error: Conflict) -> ResponseReturnValue:
    """Say why the act came too late, and show the payment as it is now."""
    if request.form.get("view", VIEW) != VIEW:
        return booking_responses.refused(payments.get(payment_id).booking.reference, error)
    return as_it_stands(payment_id, error.sentence, tone="bad", status=error.status)
