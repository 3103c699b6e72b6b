"""How every act on a booking answers: the row or the card as it stands now, with a toast, or a redirect to it."""

from typing import Any
from urllib.parse import urlsplit

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, Invalid
from webapp.extensions import htmx
from webapp.models import Audit, Booking, MessageStatus
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services import bookings
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.filters import TO_VERIFY
from webapp.services.parsing.text import lines
from webapp.settings import current
from webapp.templating import form_key

LONGEST_REASON = 500
# Views that are rows: of any list, of the list of payments to verify, and of the first page of the day.
ROWS = ("row", TO_VERIFY, "today")


def row(booking: Booking, view: str) -> str:
    """One row of the list."""
    return render_template("bookings/_row.html", **_row_needs(booking, view))


def card(booking: Booking) -> str:
    """The whole body of the booking's page."""
    return render_template("bookings/_card.html", **card_needs(booking))


def card_needs(booking: Booking) -> dict[str, Any]:
    """What the page and its card show."""
    return {
        "shown": booking_view.shown(booking),
        "whole": booking_view.whole(booking),
        "undo_seconds": current().undo_seconds,
    }


def _row_needs(booking: Booking, view: str) -> dict[str, Any]:
    return {"shown": booking_view.shown(booking, money_first=view == TO_VERIFY), "view": view}


def done(reference: str, act: Audit, what: str) -> ResponseReturnValue:
    """Say what was done and what goes out, with the way to take it back."""
    booking = bookings.get(reference)
    if booking.version != act.detail["version"]:
        return as_it_stands(booking, "This was done already. Here is how it stands now.")
    hold = bookings.undo_seconds(act.action, actor())
    # Without undo some may be gone by now.
    going = sum(m.act_id == act.id and m.status is not MessageStatus.SKIPPED for m in booking.messages)
    return as_it_stands(booking, f"{what} {going_out(going, hold)}", act=act if hold else None)


def as_it_stands(booking: Booking, toast: str, *, act: Audit | None = None, tone: str = "") -> ResponseReturnValue:
    """Answer with the fragment that the form asked for; `act`: what the toast offers to undo."""
    booking_counts.forget()
    view = request.form.get("view", "")
    is_row = view in ROWS
    take_back = (
        {
            "url": url_for("bookings.take_back", reference=booking.reference),
            "target": f"#booking-{booking.reference}" if is_row else "#booking",
            "fields": {"act": act.id, "view": view, "form_key": form_key("undo", act.id)},
        }
        if act
        else None
    )
    template, needs = (
        ("bookings/_row.html", _row_needs(booking, view)) if is_row else ("bookings/_card.html", card_needs(booking))
    )
    return fragment_or_redirect(
        template, otherwise=_back(booking, is_row), toast=toast, undo=take_back, tone=tone, **needs
    )


def refused(reference: str, error: Conflict) -> ResponseReturnValue:
    """Somebody was first, or it is too late: say who and what, and show how it stands."""
    answer = as_it_stands(bookings.get(reference), error.sentence, tone="bad")
    return (answer, error.status) if htmx else answer  # type: ignore[return-value]


def reason() -> str:
    """The reason that was typed, if any.

    Raises:
        Invalid: it is too long for a text message.
    """
    typed = lines(request.form.get("reason", ""))
    if len(typed) > LONGEST_REASON:
        raise Invalid(f"Keep the reason within {LONGEST_REASON} characters: the guest reads it on a phone.")
    return typed


def taken_back(brought_back: int) -> str:
    """What an undo did; messages that its act had made void go out after all."""
    if not brought_back:
        return "Taken back: nothing was sent."
    what = "1 earlier message goes" if brought_back == 1 else f"{brought_back} earlier messages go"
    return f"Taken back: nothing was sent of it. {what} out after all."


def going_out(messages: int, hold: float) -> str:
    """How many messages an act sends, and when."""
    if not messages:
        return "No message goes out."
    what = "1 message goes" if messages == 1 else f"{messages} messages go"
    return f"{what} out in {hold:g} s." if hold else f"{what} out now."


def _back(booking: Booking, is_row: bool) -> str:
    """Where a plain form came from: its own place in the list as it was filtered, or the booking's page."""
    here = urlsplit(request.referrer or "")
    lists = (url_for("bookings.index"), url_for("today.index"))
    if is_row and here.path in lists and here.netloc == request.host:
        query = f"?{here.query}" if here.query else ""
        return f"{here.path}{query}#booking-{booking.reference}"
    return url_for("bookings.show", reference=booking.reference)
