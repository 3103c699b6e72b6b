"""How an act on a payment answers: its row of the payments list where the form stood there, else its booking."""

from typing import Any
from urllib.parse import urlsplit

from flask import request, url_for
from flask.typing import ResponseReturnValue

from webapp import money
from webapp.errors import Conflict, NotFound
from webapp.extensions import htmx
from webapp.models import Audit, MessageStatus, Payment
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services import bookings, payments
from webapp.services.bookings import counts as booking_counts
from webapp.services.payments import listing as payment_list
from webapp.services.payments import view as payment_view
from webapp.settings import current
from webapp.templating import form_key

VIEW = "payment"  # What a form in a row of the list says of itself.


def row_needs(payment: Payment) -> dict[str, Any]:
    """What one row shows."""
    return {"shown": payment_view.shown([payment])[0], "undo_seconds": current().undo_seconds}


def named(payment_id: int) -> str:
    """A payment as a toast calls it."""
    payment = payments.get(payment_id)
    return f"{payment.booking.reference}: {money.shown(payment.amount, payment.booking.currency)}"


def done(payment_id: int, act: Audit, what: str) -> ResponseReturnValue:
    """Say what was done and what goes out, with the way to take it back."""
    reference = payments.get(payment_id).booking.reference
    if request.form.get("view", "") != VIEW:
        return booking_responses.done(reference, act, what)
    booking = bookings.get(reference)
    if booking.version != act.detail["version"]:
        return as_it_stands(payment_id, "This was done already. Here is how it stands now.")
    hold = bookings.undo_seconds(act.action, actor())
    going = sum(m.act_id == act.id and m.status is not MessageStatus.SKIPPED for m in booking.messages)
    return as_it_stands(payment_id, f"{what} {booking_responses.going_out(going, hold)}", act=act if hold else None)


def as_it_stands(payment_id: int, toast: str, *, act: Audit | None = None, tone: str = "") -> ResponseReturnValue:
    """Answer with the row; `act`: what the toast offers to undo."""
    booking_counts.forget()
    take_back: dict[str, Any] | None = None
    if act:
        take_back = {
            "url": url_for("payments.take_back", payment_id=payment_id),
            "target": f"#payment-{payment_id}",
            "fields": {"act": act.id, "form_key": form_key("undo", act.id)},
        }
    payment = payment_list.one(payment_id)
    if payment is None:
        raise NotFound(f"There is no payment {payment_id}.")
    return fragment_or_redirect(
        "payments/_row.html", otherwise=_back(payment), toast=toast, undo=take_back, tone=tone, **row_needs(payment)
    )


def refused(payment_id: int, error: Conflict) -> ResponseReturnValue:
    """Somebody was first, or it is too late: say who and what, and show how it stands."""
    if request.form.get("view", VIEW) != VIEW:
        return booking_responses.refused(payments.get(payment_id).booking.reference, error)
    answer = as_it_stands(payment_id, error.sentence, tone="bad")
    return (answer, error.status) if htmx else answer  # type: ignore[return-value]


def _back(payment: Payment) -> str:
    """Where a plain form came from: its own place in the list as it was filtered, or the booking's page."""
    here = urlsplit(request.referrer or "")
    if here.path == url_for("payments.index") and here.netloc == request.host:
        query = f"?{here.query}" if here.query else ""
        return f"{here.path}{query}#payment-{payment.id}"
    return url_for("bookings.show", reference=payment.booking.reference)
