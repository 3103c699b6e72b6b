"""Listing messages, newest first, and sending a failed one again."""

from flask import jsonify
from flask.typing import ResponseReturnValue

from webapp.api import answers
from webapp.api.auth import caller
from webapp.api.blueprint import bp
from webapp.api.fields import cursor_after
from webapp.api.reading import read, read_query
from webapp.api.schemas import MessageFilter, NothingIn
from webapp.services.board import listing as board
from webapp.services.board.filters import Filters
from webapp.services.failures import retry


@bp.get("/messages")
def list_messages() -> ResponseReturnValue:
    """Answer a page of the delivery board's list. As there, `failed` means failures that nobody has resolved."""
    asked = read_query(MessageFilter)
    page = board.page(Filters(asked.status, asked.channel, asked.event), before=asked.cursor)
    following = None if page.older_than is None else cursor_after(page.older_than)
    return jsonify(messages=[answers.message(row, with_booking=True) for row in page.messages], next=following)


@bp.post("/messages/<message_id>/retry")
def retry_message(message_id: str) -> ResponseReturnValue:
    read(NothingIn)
    message = retry.get(int(message_id))
    retry.retry(message, by=caller())
    return jsonify(answers.message(retry.get(int(message_id)), with_booking=True))
