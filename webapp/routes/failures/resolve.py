"""Closing a failed message without sending it again, and opening it again: a manager's acts."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Conflict
from webapp.models import Message, Role
from webapp.routes import access
from webapp.routes.messages.pages import ONE
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.failures import by_reason, retry
from webapp.services.failures import resolve as resolutions
from webapp.services.messages import timeline

bp = Blueprint("resolutions", __name__, url_prefix="/messages")
access.require(bp, Role.MANAGER)


@bp.post(f"{ONE}/resolution")
def resolve(message_id: int) -> ResponseReturnValue:
    """Say that somebody has seen to it, and how; the token says which failure the person saw."""
    message, form = retry.get(message_id), request.form
    try:
        resolutions.resolve(message, by=actor(), token=form.get("token", ""), note=form.get("note", ""))
    except Conflict as refusal:
        return _as_it_stands(message, refusal.sentence, refusal.status)
    return _as_it_stands(message, f"{words.CHANNEL[message.channel].label} for {message.reference} is resolved.")


@bp.post(f"{ONE}/reopening")
def reopen(message_id: int) -> ResponseReturnValue:
    """Take that back: it stands among the failures again."""
    message = retry.get(message_id)
    try:
        resolutions.reopen(message, by=actor(), token=request.form.get("token", ""))
    except Conflict as refusal:
        return _as_it_stands(message, refusal.sentence, refusal.status)
    return _as_it_stands(message, f"{words.CHANNEL[message.channel].label} for {message.reference} is open again.")


def _as_it_stands(message: Message, toast: str, status: int = 200) -> ResponseReturnValue:
    """The message's own page as it is now."""
    by_reason.forget()
    return fragment_or_redirect(
        "messages/_detail.html", otherwise=url_for("messages.show", message_id=message.id), toast=toast,
        tone="" if status == 200 else "bad", status=status, message=message,
        story=timeline.tell(message),
    )  # fmt: skip
