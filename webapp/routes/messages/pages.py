"""One message: its page, and the fragments that lists and the page ask for."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services.failures import retry
from webapp.services.messages import timeline

bp = Blueprint("messages", __name__, url_prefix="/messages")
access.require(bp, Role.FRONT_DESK)
ONE = "/<row:message_id>"


@bp.get(ONE)
def show(message_id: int) -> ResponseReturnValue:
    """The text as sent, and all that is known of its delivery."""
    message = retry.get(message_id)
    return render_template("messages/show.html", message=message, story=timeline.tell(message))


@bp.get(f"{ONE}/row")
def row(message_id: int) -> ResponseReturnValue:
    """One message in a list."""
    return unchanged_or(render_template("messages/_message.html", message=retry.get(message_id)))


@bp.get(f"{ONE}/detail")
def detail(message_id: int) -> ResponseReturnValue:
    """The part of a message's own page that moves."""
    message = retry.get(message_id)
    return unchanged_or(render_template("messages/_detail.html", message=message, story=timeline.tell(message)))
