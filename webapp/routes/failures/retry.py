"""Sending a failed message again: an admin's act."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Conflict
from webapp.models import Message, Role
from webapp.routes import access
from webapp.routes.messages.pages import ONE
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.board import rows as board_rows
from webapp.services.board.filters import Filters
from webapp.services.failures import retry as retries
from webapp.services.messages import timeline

bp = Blueprint("retries", __name__, url_prefix="/messages")
access.require(bp, Role.ADMIN)


@bp.post(f"{ONE}/retry")
def retry(message_id: int) -> ResponseReturnValue:
    """Put a message back in its place; the token says which failure the person saw."""
    message, form = retries.get(message_id), request.form
    try:
        knew = bool(form.get("resolved"))  # The page said that it is resolved.
        retries.retry(message, by=actor(), token=form.get("token", ""), even_resolved=knew)
    except Conflict as refusal:
        return _as_it_stands(message, refusal.sentence, refusal.status)
    return _as_it_stands(message, f"{words.CHANNEL[message.channel].label} for {message.reference} is sent again.")


def _as_it_stands(message: Message, toast: str, status: int = 200) -> ResponseReturnValue:
    """The fragment that the button stood in: a row of the board, or the message's own page."""
    shown = {"row": "board/_row.html"}.get(request.form.get("view", ""), "messages/_detail.html")
    return fragment_or_redirect(
        shown, otherwise=url_for("messages.show", message_id=message.id), toast=toast,
        tone="" if status == 200 else "bad", status=status, message=message, told=board_rows.single([message])[0],
        filters=Filters(), story=timeline.tell(message),
        warnings=timeline.warnings([message]),
    )  # fmt: skip
