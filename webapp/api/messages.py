"""Listing messages, newest first, and sending a failed one again."""

from flask import jsonify
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from webapp.api import answers
from webapp.api.auth import caller
from webapp.api.blueprint import bp
from webapp.api.fields import cursor_after
from webapp.api.reading import read, read_query
from webapp.api.schemas import MessageFilter, NothingIn
from webapp.extensions import db
from webapp.models import Message
from webapp.services import retries

A_PAGE = 50


@bp.get("/messages")
def list_messages() -> ResponseReturnValue:
    rows = _newest(read_query(MessageFilter))
    page = rows[:A_PAGE]
    following = cursor_after(page[-1].id) if len(rows) > A_PAGE else None
    return jsonify(messages=[answers.message(row, with_booking=True) for row in page], next=following)


def _newest(asked: MessageFilter) -> list[Message]:
    """One more than a page, which tells whether there is a next. The booking's reference stands on each row."""
    rows = select(Message).order_by(Message.id.desc()).limit(A_PAGE + 1)
    if asked.status:
        rows = rows.where(Message.status == asked.status)
    if asked.channel:
        rows = rows.where(Message.channel == asked.channel)
    if asked.event:
        rows = rows.where(Message.event == asked.event)
    if asked.cursor:
        rows = rows.where(Message.id < asked.cursor)
    return list(db.session.scalars(rows))


@bp.post("/messages/<message_id>/retry")
def retry_message(message_id: str) -> ResponseReturnValue:
    read(NothingIn)
    message = retries.get(int(message_id))
    retries.retry(message, by=caller())
    return jsonify(answers.message(retries.get(int(message_id)), with_booking=True))
