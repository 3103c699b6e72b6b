"""Replies from guests: somebody deals with each, once."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, NotFound
from webapp.i18n import gettext
from webapp.models import Booking, Reply, Role
from webapp.routes import access
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.responses import actor, list_or
from webapp.services import bookings
from webapp.services.guests import replies
from webapp.services.guests.replies import PAGE

bp = Blueprint("replies", __name__, url_prefix="/replies")
access.require(bp, Role.FRONT_DESK)

MOST_PAGES = 1000


@bp.post("/<row:reply_id>/handling")
def handle(reply_id: int) -> ResponseReturnValue:
    reply = replies.get(reply_id)
    booking = _booking(reply)
    try:
        replies.handle(reply, by=actor())
    except Conflict as error:
        return booking_responses.refused(booking.reference, error)
    return booking_responses.as_it_stands(bookings.get(booking.reference), gettext("Marked as done."))


@bp.get("/unknown")
def unknown() -> ResponseReturnValue:
    """The list of unknown numbers that wrote to us."""
    page = min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)
    found = replies.unknown(page)
    return render_template(
        "bookings/replies/index.html", found=found, page=page, total=replies.how_many_unknown(), size=PAGE
    )


@bp.get("/unknown/<row:reply_id>")
def show(reply_id: int) -> ResponseReturnValue:
    """All that this unknown number wrote."""
    reply = _of_nobody(reply_id)
    return render_template("bookings/replies/show.html", reply=reply, written=replies.written_by(reply))


@bp.post("/unknown/<row:reply_id>/handling")
def handle_unknown(reply_id: int) -> ResponseReturnValue:
    """Mark as handled what this number wrote, up to the reply that the page showed."""
    try:
        replies.handle_all(_of_nobody(reply_id), by=actor())
    except Conflict as error:
        flash(error.sentence, "error")
    else:
        flash(gettext("Marked as done."))
    return redirect(list_or((url_for("today.index"),), "main", url_for(".unknown")), 303)


def _of_nobody(reply_id: int) -> Reply:
    reply = replies.get(reply_id)
    if reply.booking_id is not None:
        raise NotFound(gettext("This reply belongs to a booking: open the booking to see it."))
    return reply


def _booking(reply: Reply) -> Booking:
    if reply.booking is None:
        raise NotFound(gettext("This reply belongs to no booking."))
    return reply.booking
