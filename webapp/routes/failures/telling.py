"""The guest was told another way: the failures of one act on a booking are closed together, or opened again."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.responses import actor
from webapp.services import bookings
from webapp.services.failures import by_reason, resolve
from webapp.services.parsing.fields import row_id
from webapp.templating import fresh_key

bp = Blueprint("tellings", __name__, url_prefix="/bookings")
access.require(bp, Role.FRONT_DESK)


@bp.post("/<reference>/telling")
def tell(reference: str) -> ResponseReturnValue:
    """Close the failures that the page showed, with how the guest was told instead."""
    booking, form = bookings.get(reference), request.form
    try:
        resolve.resolve_of(booking, _seen(), by=actor(), note=form.get("note", ""), how=form.get("how", ""))
    except Conflict as error:
        return booking_responses.refused(reference, error)
    by_reason.forget()
    url, fields = url_for(".reopen", reference=reference), {"seen": form.get("seen", ""), "form_key": fresh_key()}
    undo = {"url": url, "target": "#booking", "fields": fields}
    return booking_responses.as_it_stands(
        bookings.get(reference), gettext("Saved. Nothing more is to be done about it."), undo=undo
    )


@bp.post("/<reference>/telling/reopening")
def reopen(reference: str) -> ResponseReturnValue:
    """Put these failures back among the open ones."""
    try:
        resolve.reopen_of(bookings.get(reference), _seen(), by=actor())
    except Conflict as error:
        return booking_responses.refused(reference, error)
    by_reason.forget()
    return booking_responses.as_it_stands(bookings.get(reference), gettext("Open again."))


def _seen() -> dict[int, str]:
    """Returns the messages of this form, each with the token of the attempt that the page showed."""
    pairs = (pair.partition(":") for pair in request.form.get("seen", "").split(","))
    return {number: token for written, _, token in pairs if (number := row_id(written))}
