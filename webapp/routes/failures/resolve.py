"""Closing a failed message because the guest was told another way, and reopening it."""

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
from webapp.services.failures import resolve as resolutions
from webapp.services.failures import retry

bp = Blueprint("resolutions", __name__, url_prefix="/messages")
access.require(bp, Role.FRONT_DESK)


@bp.post(f"{ONE}/resolution")
def resolve(message_id: int) -> ResponseReturnValue:
    """Store that somebody dealt with it, and how. The token says which failure the person saw."""
    message, form = retry.get(message_id), request.form
    try:
        resolutions.resolve(
            message, by=actor(), token=form.get("token", ""), note=form.get("note", ""), how=form.get("how", "")
        )
    except Conflict as error:
        return as_it_stands(message, error.sentence, error.status)
    label = words.CHANNEL[message.channel].label
    toast = gettext("%(channel)s for %(reference)s is resolved.", channel=label, reference=message.reference)
    return as_it_stands(message, toast)


@bp.post(f"{ONE}/reopening")
def reopen(message_id: int) -> ResponseReturnValue:
    """Put a resolved failure back among the open ones."""
    message = retry.get(message_id)
    try:
        resolutions.reopen(message, by=actor(), token=request.form.get("token", ""))
    except Conflict as error:
        return as_it_stands(message, error.sentence, error.status)
    label = words.CHANNEL[message.channel].label
    toast = gettext("%(channel)s for %(reference)s is open again.", channel=label, reference=message.reference)
    return as_it_stands(message, toast)
