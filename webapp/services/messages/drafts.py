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
from webapp.services.guests import opt_outs
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
    stopped, agreed = opted_out(booking), _channels(booking)
    if only is not None:
        return [_draft(booking, event, only, values, stopped) for channel in agreed if channel is only]
    order = channel_order.of(event)
    told, first = channel_order.at_first(order, agreed, _usable(booking, agreed, stopped)) if order else (agreed, None)
    return [_draft(booking, event, c, values, stopped) | {"falls_back": c is first} for c in told]


def usable(booking: Booking) -> list[ChannelName]:
    """The channels on which the booking's guest can be reached now."""
    return _usable(booking, _channels(booking), opted_out(booking))


def _usable(booking: Booking, agreed: list[ChannelName], stopped: set[ChannelName]) -> list[ChannelName]:
    return [channel for channel in agreed if channel not in stopped and _provider(booking, channel) != "off"]


def _provider(booking: Booking, channel: ChannelName) -> str:
    return "sandbox" if booking.is_demo else current().provider(channel)


def _channels(booking: Booking) -> list[ChannelName]:
    """The agreed ones; where none were named, those that are switched on."""
    named = booking.channels is not None
    return [c for c in booking.reachable if named or _provider(booking, c) != "off"]


def opted_out(booking: Booking) -> set[ChannelName]:
    """The channels on which an address of this booking said stop."""
    said = opt_outs.find(address for channel in ChannelName if (address := booking.address(channel)))
    return {channel for channel in ChannelName if (channel, booking.address(channel)) in said}


def _draft(
    booking: Booking, event: Event, channel: ChannelName, values: dict[str, str], stopped: set[ChannelName]
) -> Draft:
    language = texts.language_of(event, booking.language)
    text = texts.render(event, channel, language, values)
    provider = _provider(booking, channel)
    void = "provider_off" if provider == "off" else "opted_out" if channel in stopped else ""
    return {
        "guest_id": booking.guest_id,
        "booking_id": booking.id,
        "event": event,
        "channel": channel,
        "language": language,
        "to_address": booking.address(channel),
        "reference": booking.reference,
        "subject": text.subject,
        "body": text.body,
        "html": text.html,
        "segments": sms_parts.count(text.body).parts if channel is ChannelName.SMS else 1,
        "status": MessageStatus.SKIPPED if void else MessageStatus.WAITING,
        "error_code": void,
        "simulated": provider == "sandbox",
        "falls_back": False,
    } | channels_own(event, channel, language, values)


def channels_own(event: Event, channel: ChannelName, language: str, values: Mapping[str, str]) -> Draft:
    """What a channel needs beside the text: a template's variables, or a Message-ID."""
    sid, variables = _template(event, language, values) if channel is ChannelName.WHATSAPP else ("", {})
    mail_id = f"<{secrets.token_hex(16)}@{_mail_domain()}>" if channel is ChannelName.EMAIL else ""
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
