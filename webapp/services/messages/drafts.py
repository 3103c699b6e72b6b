"""Writing what a guest will read, before the act's write transaction begins: no lock is held while texts are made.

A draft is the message's row without its number, its times and its act. What it was made from may change until the
act commits; the act is guarded by the booking's version, and opt-outs are asked for again at the claim.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import Booking, ChannelName, Event, MessageStatus, WhatsAppTemplate
from webapp.services import texts
from webapp.services.guests import reach
from webapp.services.guests.reach import Reach
from webapp.services.messages import channel_order
from webapp.services.texts import Paid, sms_parts
from webapp.settings import current

Draft = dict[str, Any]  # Columns of a message by name.


def write(
    booking: Booking, event: Event, *, reason: str = "", paid: Paid | None = None, only: ChannelName | None = None
) -> list[Draft]:
    """A draft for each channel that the booking's guest is told on at once, by the event's order where it has one.

    A channel that was agreed but cannot be used gives a message that is skipped with its reason: never silently.
    `only` is a channel that was chosen: no other is written for, and none stands in for it.
    """
    values = texts.facts(booking, texts.language_of(event, booking.language), reason=reason, paid=paid)
    (reaches,) = reach.find([booking])
    if only is not None:
        return [_draft(booking, event, one, values) for one in reaches if one.channel is only and one.gets_message]
    at_once, first = channel_order.first_channels(channel_order.of(event), reaches)
    return [_draft(booking, event, one, values) | {"falls_back": one.channel is first} for one in at_once]


def _draft(booking: Booking, event: Event, to: Reach, values: dict[str, str]) -> Draft:
    language = texts.language_of(event, booking.language)
    text = texts.render(event, to.channel, language, values)
    return {
        "guest_id": booking.guest_id,
        "booking_id": booking.id,
        "event": event,
        "channel": to.channel,
        "language": language,
        "to_address": to.address,
        "reference": booking.reference,
        "subject": text.subject,
        "body": text.body,
        "html": text.html,
        "segments": sms_parts.count(text.body).parts if to.channel.is_charged_by_part else 1,
        "status": MessageStatus.WAITING if to.is_open else MessageStatus.SKIPPED,
        "error_code": "" if to.is_open else to.state.value,
        "simulated": to.provider == "sandbox",
        "falls_back": False,
    } | channels_own(event, to.channel, language, values)


def channels_own(event: Event, channel: ChannelName, language: str, values: Mapping[str, str]) -> Draft:
    """What a channel needs beside the text: a template's variables, or a Message-ID."""
    sid, variables = _template(event, language, values) if channel.needs_template else ("", {})
    mail_id = f"<{secrets.token_hex(16)}@{_mail_domain()}>" if channel.has_message_id else ""
    return {"content_sid": sid, "content_variables": variables, "mail_id": mail_id}


def _template(event: Event, language: str, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The approved template's id and variables: by default the placeholders of the WhatsApp text in order."""
    row = db.session.scalar(
        select(WhatsAppTemplate).where(WhatsAppTemplate.event == event, WhatsAppTemplate.language == language)
    )
    if row is None:
        return "", {}
    values = texts.isolated(values, language)
    return row.content_sid, {str(n): texts.for_template(values, name) for n, name in enumerate(row.variables, start=1)}


def _mail_domain() -> str:
    sender = current().mail_default_sender.rstrip(">")
    return sender.rpartition("@")[2] if "@" in sender else "bellhop.invalid"
