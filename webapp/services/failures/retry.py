"""Sending a failed message again, because a person asks for it."""

from typing import Any

from sqlalchemy import update

from webapp.database import changed, now
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import NOT_CLOSED, Action, BatchKind, Message, MessageStatus
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.failures import eligibility
from webapp.services.messages import bell


def retry(message: Message, *, by: Actor, token: str | None = None, even_resolved: bool = True) -> None:
    """Put a failed message back in its place among its guest's messages, and try it anew.

    `token` is that of the newest attempt that the person saw: a message that was retried in between is refused. So is a
    resolved one, unless the person knew.

    Raises:
        Conflict: it is not failed any more, has expired, is superseded, its guest opted out, or somebody was first.
    """
    guest_id, seen = message.guest_id, message.token if token is None else token or None
    is_done = eligibility.act(
        BatchKind.RETRY, message.id, seen, lambda found: put_back(found, by), by=by, even_resolved=even_resolved
    )
    if is_done:
        bell.ring(guest_id)


def put_back(message: Message, by: Actor, **detail: Any) -> None:
    """Let a failed message wait again, inside the current write transaction; the duty "ring" rings for it.

    It keeps its number, so that it goes out before later messages to its guest.

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
            **NOT_CLOSED,
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
        raise NotFound(gettext("There is no message %(number)s.", number=message_id))
    return found
