"""Notes on a booking, from one member of staff to the others."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid
from webapp.extensions import htmx
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.responses import actor, sent
from webapp.services import bookings
from webapp.services.bookings import notes

bp = Blueprint("notes", __name__, url_prefix="/bookings")
access.require(bp, Role.FRONT_DESK)


@bp.post("/<reference>/notes")
def add(reference: str) -> ResponseReturnValue:
    """Write a note; one that is refused is shown in its form again."""
    booking, text = bookings.get(reference), request.form.get("text", "")
    try:
        notes.add(booking, text, by=actor())
    except Invalid as error:
        refused = {"text": text, "error": error.fields["text"]}
        shape = "bookings/_card.html" if htmx else "bookings/show.html"
        return render_template(shape, note=refused, **booking_responses.card_needs(booking)), 422
    if not htmx:
        sent()
    return booking_responses.as_it_stands(bookings.get(reference), gettext("Note added."))
