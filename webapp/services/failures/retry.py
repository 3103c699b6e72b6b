"""Sending a failed message again, by a person's hand."""

from typing import Any

from sqlalchemy import update

from webapp.database import changed, now, writing
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import Action, BatchKind, Message, MessageStatus
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.failures import eligibility
from webapp.services.messages import bell


def retry(message: Message, *, by: Actor, token: str | None = None, even_resolved: bool = True) -> None:
    """Put a failed message back in its place in the lane, with fresh tries.

    `token` is the newest attempt's that the person saw: a message that was retried in between is refused. So is one
    that somebody resolved, unless the person knew.

    Raises:
        Conflict: it is not failed any more, has expired, is superseded, its guest opted out, or somebody was first.
    """
    message_id = message.id
    try:
        with writing():
            case = eligibility.one(message_id)
            eligibility.check_seen(case.message, case.message.token if token is None else token or None)
            if not even_resolved:
                eligibility.check_unresolved(case.message)
            eligibility.check_useful(case)
            put_back(case.message, by)
            guest_id = case.message.guest_id
    except Conflict as refusal:
        audit.first_result(by, refusal)  # A double click: its first post was taken.
        return
    bell.ring(guest_id)


def put_back(message: Message, by: Actor, **detail: Any) -> None:
    """Let a failed message wait again, inside the current write transaction; the sweep rings for it.

    It keeps its number, so that it goes out before what its guest is told later.

    Raises:
        Conflict: somebody else was first, after it was read.
    """
    done = changed(
        update(Message)
        .where(*eligibility.unmoved(message))
        .values(
            status=MessageStatus.WAITING,
            due_at=now(),
            tries_used=0,
            stepped_aside=False,
            settled_at=None,
            error_code="",
            error_detail="",
            retried_by=by.name,
            resolved_at=None,
            resolved_by="",
            resolved_note="",
        )
    )
    if done != 1:
        raise eligibility.lost(BatchKind.RETRY, message)
    audit.record(Action.MESSAGE_RETRIED, by=by, booking_id=message.booking_id, message_id=message.id, **detail)


def get(message_id: int) -> Message:
    """Find a message.

    Raises:
        NotFound: there is none of that id.
    """
    found = db.session.get(Message, message_id)
    if found is None:
        raise NotFound(f"There is no message {message_id}.")
    return found
