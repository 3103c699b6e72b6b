"""Sending a failed message again, for admins."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Conflict
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.failures.responses import as_it_stands
from webapp.routes.messages.pages import ONE
from webapp.routes.responses import actor
from webapp.services.failures import retry as retries

bp = Blueprint("retries", __name__, url_prefix="/messages")
access.require(bp, Role.ADMIN)


@bp.post(f"{ONE}/retry")
def retry(message_id: int) -> ResponseReturnValue:
    """Send a message again, in its old place. The token says which failure the person saw."""
    message, form = retries.get(message_id), request.form
    knew = bool(form.get("resolved"))  # The page showed that it is resolved.
    try:
        retries.retry(message, by=actor(), token=form.get("token", ""), even_resolved=knew)
    except Conflict as error:
        return as_it_stands(message, error.sentence, error.status)
    label = words.CHANNEL[message.channel].label
    toast = gettext("%(channel)s for %(reference)s is sent again.", channel=label, reference=message.reference)
    return as_it_stands(message, toast)
