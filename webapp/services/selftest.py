"""Sending one test message through everything: the row, the bell, a worker and the provider."""

import secrets
from datetime import timedelta

from sqlalchemy import select

from webapp.database import now, reading, writing
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Action, ChannelName, Event, Message, MessageStatus
from webapp.services import audit, bell, contacts, messages, texts
from webapp.services.audit import Actor
from webapp.settings import current

FRESH = timedelta(hours=1)


def send(channel: ChannelName, to: str, *, by: Actor) -> int:
    """Queue a test message; its id.

    Raises:
        Invalid: the address cannot be read, or the channel is switched off.
    """
    provider = current().provider(channel)
    if provider == "off":
        raise Invalid(f"{channel} is switched off: set {channel.upper()}_PROVIDER, or its credentials.")
    try:
        address = contacts.read_email(to) if channel is ChannelName.EMAIL else contacts.read_phone(to).e164
    except ValueError as wrong:
        raise Invalid(str(wrong)) from wrong
    is_email = channel is ChannelName.EMAIL
    reference = f"TEST-{secrets.token_hex(3).upper()}"
    values = {"name": "", "reference": reference, "business": current().business_name}
    text = texts.render(Event.TEST, channel, "en", values)
    with writing():
        guest_id = contacts.lane(phone=None if is_email else address, email=address if is_email else None)
        moment = db.session.scalars(select(now())).one()
        act = audit.record(Action.TEST_SENT, by=by, channel=channel)
        message = Message(
            guest_id=guest_id,
            act_id=act.id,
            event=Event.TEST,
            channel=channel,
            language="en",
            to=address,
            reference=reference,
            subject=text.subject,
            body=text.body,
            html=text.html,
            due_at=moment,
            expires_at=moment + FRESH,
            simulated=provider == "sandbox",
            status=MessageStatus.WAITING,
        )
        messages.complete(message, values)
        messages.number(guest_id, [message])
        db.session.add(message)
        db.session.flush()
        message_id = message.id
    bell.ring(guest_id)
    return message_id


def outcome(message_id: int) -> tuple[MessageStatus, str, str]:
    """Where it stands: status, error code and detail."""
    with reading():
        found = db.session.get_one(Message, message_id, populate_existing=True)
        return found.status, found.error_code, found.error_detail
