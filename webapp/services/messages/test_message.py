"""Sending one test message through everything: the row, the bell, a worker and the provider."""

import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.database import read_now, reading, writing
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, Audit, ChannelName, Event, Message, MessageStatus
from webapp.services import audit, texts
from webapp.services.audit import Actor
from webapp.services.guests import lanes
from webapp.services.guests.reach import Reach
from webapp.services.messages import bell, compose
from webapp.services.messages.compose import PreparedMessages
from webapp.services.parsing import contact, fields
from webapp.services.texts import Wording, sample
from webapp.settings import current


@dataclass(frozen=True)
class Draft:
    """A text that is being written, to be tried with the example booking."""

    event: Event
    language: str
    wording: Wording


def send(channel: ChannelName, to: str, *, by: Actor, draft: Draft | None = None) -> int:
    """Queue a test message, with its own text or that of a draft. Returns its id.

    Raises:
        Invalid: the address cannot be read, or the channel is switched off.
    """
    provider = current().provider(channel)
    if provider == "off":
        setting = f"{channel.upper()}_PROVIDER"
        why = gettext(
            "%(channel)s is switched off: set %(setting)s, or its credentials.", channel=channel, setting=setting
        )
        raise Invalid(why, fields={"to": why})
    try:
        address = fields.email(to) if channel.address_field == "email" else _phone(to)
    except ValueError as error:
        raise Invalid(str(error), fields={"to": str(error)}) from error
    try:
        message_id, guest_id = _make(Reach(channel, address, provider), by, draft)
    except IntegrityError as error:
        return _of_act(audit.first_result(by, error))  # The first click on this form.
    bell.ring(guest_id)
    return message_id


def _phone(typed: str) -> str:
    """Read the number of a test. No page would show words that are left out of it, so it may have none.

    Raises:
        ValueError: there is none, or there are words beside it.
    """
    phone = contact.read_phone(typed)
    if phone.left_out:
        raise ValueError(gettext("“%(text)s” is no part of a number. Enter the number alone.", text=phone.left_out))
    return phone.e164


def _of_act(act: Audit) -> int:
    return db.session.scalars(select(Message.id).where(Message.act_id == act.id)).one()


def _make(to: Reach, by: Actor, draft: Draft | None) -> tuple[int, int]:
    """Write the row. Returns its id, and its lane's."""
    reference = f"TEST-{secrets.token_hex(3).upper()}"
    event, language = (draft.event, draft.language) if draft else (Event.TEST, texts.FALLBACK)
    values = sample.values(event, language, reference=reference)
    text = texts.fill(draft.wording, to.channel, language, values) if draft else None
    own = {"reference": reference, "booking_id": None, "event": Event.TEST}  # It is about no booking.
    row = compose.write(event, to, language, values, text) | own
    with writing():
        guest_id = lanes.find_or_create(**{"phone": None, "email": None, to.channel.address_field: to.address})
        act = audit.record(Action.TEST_SENT, by=by, channel=to.channel, text=event, language=language)
        compose.add(PreparedMessages(guest_id, 0, read_now(), [row | {"guest_id": guest_id}], []), act.id)
        return _of_act(act), guest_id


def outcome(message_id: int) -> tuple[MessageStatus, str, str]:
    """Returns a message's status, error code and detail."""
    with reading():
        found = db.session.get_one(Message, message_id, populate_existing=True)
        return found.status, found.error_code, found.error_detail


def newest(limit: int = 10) -> list[Message]:
    """Returns the last test messages, newest first."""
    with_tests = select(Message).where(Message.event == Event.TEST).order_by(Message.id.desc()).limit(limit)
    return list(db.session.scalars(with_tests))
