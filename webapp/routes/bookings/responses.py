"""Answers to an act on a booking: its row or card with a toast, or a redirect to it."""

from collections.abc import Mapping
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, Invalid
from webapp.i18n import gettext, ngettext, number
from webapp.models import Audit, Booking, MessageStatus
from webapp.routes.responses import Outlook, fragment_or_redirect, list_or
from webapp.services import audit, bookings
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.filters import TO_VERIFY
from webapp.services.parsing.text import lines
from webapp.services.queue import banner
from webapp.services.timeline import entries
from webapp.templating import form_key

LONGEST_REASON = 500
# Views that are rows: of any list, of the list of payments to verify, and of the first page of the day.
ROWS = ("row", TO_VERIFY, "today")


def row_needs(booking: Booking, view: str) -> dict[str, Any]:
    """Returns what one row of the list shows."""
    return {"shown": booking_view.shown(booking, money_first=view == TO_VERIFY), "view": view}


def card_needs(booking: Booking) -> dict[str, Any]:
    """Returns what the page of a booking and its card show."""
    return {
        "shown": booking_view.shown(booking),
        "whole": booking_view.whole(booking),
        "timeline": entries.read(booking, everything=request.args.get("timeline") == "all"),
        "going_out": going_out,
        "undo_form": undo_form,
    }


def done(reference: str, act: Audit, what: str) -> ResponseReturnValue:
    """Say what was done and how many messages go out, with a way to undo it."""
    booking = bookings.get(reference)
    toast, outlook, can_undo = toast_of(booking, act, what)
    return as_it_stands(booking, toast, outlook=outlook, act=act if can_undo else None)


def toast_of(booking: Booking, act: Audit, what: str) -> tuple[str, Outlook | None, bool]:
    """Returns the toast of an act, when its messages go out, and whether it offers to undo it."""
    if booking.version != act.detail["version"]:
        return gettext("This was done already. You see the present state."), None, False
    hold = audit.ACTS[act.action].undo_seconds
    # Without undo some may be sent by now.
    messages = sum(m.act_id == act.id and m.status is not MessageStatus.SKIPPED for m in booking.messages)
    return what, going_out(messages, hold), hold > 0


def undo_form(reference: str, act: Audit, *, view: str = "card", target: str = "#booking") -> dict[str, Any]:
    """Returns the form by which a toast undoes an act."""
    fields = {"act": act.id, "view": view, "form_key": form_key("undo", act.id)}
    return {"url": url_for("bookings.take_back", reference=reference), "target": target, "fields": fields}


def as_it_stands(
    booking: Booking,
    toast: str,
    *,
    outlook: Outlook | None = None,
    act: Audit | None = None,
    undo: dict[str, Any] | None = None,
    tone: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """Answer with the fragment that the form asked for; the toast offers to undo `act`, or has the form `undo`."""
    booking_counts.forget()
    view = request.form.get("view", "")
    place = f"booking-{booking.reference}"
    page = url_for("bookings.show", reference=booking.reference)
    if view in ROWS:
        template, needs, target = "bookings/_row.html", row_needs(booking, view), f"#{place}"
        page = list_or((url_for("bookings.index"), url_for("today.index")), place, page)
    else:
        template, needs, target = "bookings/_card.html", card_needs(booking), "#booking"
    if act:
        undo = undo_form(booking.reference, act, view=view, target=target)
    return fragment_or_redirect(
        template, otherwise=page, toast=toast, outlook=outlook, undo=undo, tone=tone, status=status, **needs
    )


def refused(reference: str, error: Conflict) -> ResponseReturnValue:
    """Say why the act came too late, and show the booking as it is now."""
    return as_it_stands(bookings.get(reference), error.sentence, tone="bad", status=error.status)


def reason(typed_in: Mapping[str, str] | None = None) -> str:
    """Returns the reason that was typed, if any; by default in the posted form.

    Raises:
        Invalid: it is too long for a text message.
    """
    typed = lines((request.form if typed_in is None else typed_in).get("reason", ""))
    if len(typed) > LONGEST_REASON:
        raise Invalid(gettext("Keep the reason within %(most)s characters.", most=LONGEST_REASON))
    return typed


def undone(brought_back: int = 0) -> str:
    """Returns the toast of an undo; earlier messages that the act had stopped go out after all."""
    if not brought_back:
        return gettext("Undone. Nothing was sent.")
    return ngettext(
        "Undone. Nothing of it was sent. %(num)s earlier message goes out after all.",
        "Undone. Nothing of it was sent. %(num)s earlier messages go out after all.",
        brought_back,
    )


def going_out(messages: int, hold: float) -> Outlook:
    """Returns how many messages an act sends, and when."""
    if not messages:
        return Outlook(gettext("No message goes out."))
    if banner.is_sending():
        now = ngettext("%(num)s message goes out now.", "%(num)s messages go out now.", messages)
    else:
        now = ngettext("%(num)s message waits to be sent.", "%(num)s messages wait to be sent.", messages)
    if not hold:
        return Outlook(now)
    return Outlook(_in_seconds(messages, number(hold)), hold, _in_seconds(messages, "{n}"), now)


def _in_seconds(messages: int, seconds: str) -> str:
    return ngettext(
        "%(num)s message goes out in %(seconds)s s.",
        "%(num)s messages go out in %(seconds)s s.",
        messages,
        seconds=seconds,
    )
