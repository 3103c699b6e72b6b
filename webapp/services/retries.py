"""Sending a failed message again, by a person's hand."""

from sqlalchemy import select, update

from webapp.database import changed, now, writing
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import Action, Booking, Message, MessageStatus
from webapp.services import audit, bell, messages
from webapp.services.audit import Actor


def retry(message: Message, *, by: Actor, token: str | None = None) -> None:
    """Put a failed message back in its place in the lane, with fresh tries.

    `token` is the newest attempt's that the person saw: a message that was retried in between is refused.

    Raises:
        Conflict: it is not failed any more, has expired, is superseded, or somebody retried it already.
    """
    try:
        with writing():
            guest_id = _put_back(message, by, token)
    except Conflict as refusal:
        audit.first_result(by, refusal)  # A double click: its first post was taken.
        return
    bell.ring(guest_id)


def _put_back(message: Message, by: Actor, token: str | None) -> int:
    db.session.refresh(message)
    moment = db.session.scalars(select(now())).one()
    if message.status is not MessageStatus.FAILED:
        first = f" {message.retried_by} sent it again just before you." if message.retried_by else ""
        raise Conflict(f"This message is {message.status.value} now: only a failed one can be sent again.{first}")
    status = db.session.scalar(select(Booking.status).where(Booking.id == message.booking_id))
    if messages.is_superseded(message.event, status):
        raise Conflict("The booking has changed since: this text is no longer true, so it is not sent again.")
    if message.expires_at <= moment:
        raise Conflict("This message has expired: its text is too old to be useful to the guest.")
    done = changed(
        update(Message)
        .where(Message.id == message.id, Message.status == MessageStatus.FAILED)
        .where(Message.token.is_not_distinct_from(message.token if token is None else token))
        .values(
            status=MessageStatus.WAITING,
            due_at=moment,
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
        raise Conflict(f"{message.retried_by or 'Somebody else'} has sent this message again, and it failed again.")
    audit.record(Action.MESSAGE_RETRIED, by=by, booking_id=message.booking_id, message_id=message.id)
    return message.guest_id


def get(message_id: int) -> Message:
    """Find a message.

    Raises:
        NotFound: there is none of that id.
    """
    found = db.session.get(Message, message_id)
    if found is None:
        raise NotFound(f"There is no message {message_id}.")
    return found
