"""Making messages: rows in the same transaction as the act that causes them."""

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update

from webapp.database import now
from webapp.extensions import db
from webapp.models import (
    Audit,
    Booking,
    BookingStatus,
    ChannelName,
    Event,
    Guest,
    Message,
    MessageStatus,
    OptOut,
    WhatsAppTemplate,
)
from webapp.services import texts
from webapp.settings import current

# A text is stale when the booking starts, but never sooner than an hour nor later than a day.
FRESH_AT_LEAST, FRESH_AT_MOST = timedelta(hours=1), timedelta(hours=24)

# An unsent message about the left is void once the booking is none of the right.
HOLDS_WHILE: dict[Event, tuple[BookingStatus, ...]] = {
    Event.BOOKING_CONFIRMED: (BookingStatus.CONFIRMED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW),
    Event.BOOKING_DECLINED: (BookingStatus.DECLINED,),
    Event.BOOKING_CHANGED: (BookingStatus.PENDING, BookingStatus.CONFIRMED),
}


def compose(booking: Booking, event: Event, act: Audit, *, hold: float = 0, reason: str = "") -> list[Message]:
    """Add a message for each channel that the booking's guest is reached on, due after `hold` seconds.

    Runs inside the act's write transaction. A channel that was agreed but cannot be used gives a
    message that is skipped with its reason: never silently.
    """
    moment = db.session.scalars(select(now())).one()
    _supersede(booking, moment)
    values = texts.facts(booking, reason=reason)
    drafts = [_draft(booking, event, channel, act, values) for channel in _channels(booking)]
    _skip_opted_out(drafts)
    number(booking.guest_id, drafts)
    for draft in drafts:
        draft.due_at = moment + timedelta(seconds=hold)
        draft.expires_at = min(max(booking.starts_at, moment + FRESH_AT_LEAST), moment + FRESH_AT_MOST)
        draft.settled_at = None if draft.is_open else moment
    db.session.add_all(drafts)
    return drafts


def is_superseded(event: Event, status: BookingStatus | None) -> bool:
    """Whether the booking has gone on in a way that makes this message untrue."""
    return status is not None and status not in HOLDS_WHILE.get(event, (status,))


def _channels(booking: Booking) -> list[ChannelName]:
    """The agreed ones; where none were named, those that are switched on."""
    settings = current()
    named = booking.channels is not None
    return [c for c in booking.reachable if named or booking.is_demo or settings.provider(c) != "off"]


def _draft(booking: Booking, event: Event, channel: ChannelName, act: Audit, values: dict[str, str]) -> Message:
    language = texts.language_of(event, booking.language)
    text = texts.render(event, channel, language, values)
    provider = "sandbox" if booking.is_demo else current().provider(channel)
    draft = Message(
        guest_id=booking.guest_id,
        booking_id=booking.id,
        act_id=act.id,
        event=event,
        channel=channel,
        language=language,
        to=booking.address(channel),
        reference=booking.reference,
        subject=text.subject,
        body=text.body,
        html=text.html,
        status=MessageStatus.WAITING,
        simulated=provider == "sandbox",
    )
    complete(draft, values)
    if provider == "off":
        draft.status, draft.error_code = MessageStatus.SKIPPED, "provider_off"
    return draft


def complete(draft: Message, values: Mapping[str, str]) -> None:
    """Freeze what its channel needs beside the text: a template's variables, or a Message-ID."""
    if draft.channel is ChannelName.WHATSAPP:
        draft.content_sid, draft.content_variables = _template(draft.event, draft.language, values)
    if draft.channel is ChannelName.EMAIL:
        draft.mail_id = f"<{secrets.token_hex(16)}@{_mail_domain()}>"


def _template(event: Event, language: str, values: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The approved template's id and variables: by default the placeholders of the WhatsApp text in order."""
    row = db.session.scalar(
        select(WhatsAppTemplate).where(WhatsAppTemplate.event == event, WhatsAppTemplate.language == language)
    )
    if row is None:
        return "", {}
    return row.content_sid, {str(n): values[name] for n, name in enumerate(row.variables, start=1)}


def _mail_domain() -> str:
    sender = current().mail_default_sender.rstrip(">")
    return sender.rpartition("@")[2] if "@" in sender else "bellhop.invalid"


def _skip_opted_out(drafts: Iterable[Message]) -> None:
    for draft in drafts:
        if draft.is_open and opted_out(draft.channel, draft.to):
            draft.status, draft.error_code = MessageStatus.SKIPPED, "opted_out"


def opted_out(channel: ChannelName, address: str) -> bool:
    """Whether this address said stop on this channel."""
    return db.session.scalar(select(OptOut.id).where(OptOut.channel == channel, OptOut.address == address)) is not None


def number(guest_id: int, drafts: list[Message]) -> None:
    """Take the guest's next numbers; the row lock makes commit order the order of numbers."""
    taken = update(Guest).where(Guest.id == guest_id).values(next_seq=Guest.next_seq + len(drafts))
    after = db.session.scalars(taken.returning(Guest.next_seq)).one()
    for seq, draft in enumerate(drafts, start=after - len(drafts)):
        draft.seq = seq


def _supersede(booking: Booking, moment: datetime) -> None:
    """Skip what waits for this booking and is no longer true."""
    void = [event for event in HOLDS_WHILE if is_superseded(event, booking.status)]
    db.session.execute(
        update(Message)
        .where(Message.booking_id == booking.id, Message.event.in_(void), Message.status == MessageStatus.WAITING)
        .values(status=MessageStatus.SKIPPED, error_code="superseded", settled_at=moment)
    )
