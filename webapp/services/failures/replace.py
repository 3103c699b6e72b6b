"""Sending a failed message afresh: a new one about the same event, to a corrected address or by another channel."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from webapp import words
from webapp.channels.kinds import Kind
from webapp.channels.reasons import explain
from webapp.database import changed, now
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.models import Action, Booking, ChannelName, Message, MessageStatus
from webapp.services import bookings, messages
from webapp.services.audit import Actor
from webapp.services.bookings import Seen, edit
from webapp.services.bookings import form as booking_form
from webapp.services.guests import opt_outs, reach
from webapp.services.messages import truth
from webapp.services.messages.compose import Letters

# These failed for the time that had passed or for what the provider did: the address may well be right.
NOT_THE_ADDRESS = ("expired", "tries_used_up", "no_code", "bug", "no_template", "provider_off")


@dataclass(frozen=True)
class Wanted:
    """How a message is to go out this time, as it was typed."""

    channel: str
    phone: str
    email: str


def offered(message: Message) -> list[ChannelName]:
    """The channels that the guest agreed to and that are switched on, that of the failure first."""
    booking = message.booking
    if booking is None:
        return []
    (reaches,) = reach.find([booking])
    usable = [one.channel for one in reaches if one.is_agreed and one.provider != "off"]
    return sorted(usable, key=lambda channel: channel is not message.channel)


def why_not(message: Message) -> str:
    """Why a message cannot be sent afresh; empty where it can."""
    if message.booking is None:
        return "It is about no booking."
    if not message.can_retry:
        return f"It is {words.MESSAGE[message.status].label.lower()} now: only a failed message is sent afresh."
    if message.resolved_at:
        return f"{message.resolved_by} has resolved it already. {message.resolved_note}".strip()
    if truth.is_superseded(message.event, message.booking.status, truth.payment_state(message)):
        return "What it tells of has changed since: this news is no longer true, so it is not sent again."
    return "" if offered(message) else "The guest agreed to no channel that is switched on."


def send(message: Message, wanted: Wanted, *, by: Actor, token: str, expected_version: int) -> Message:
    """Correct the booking's address, make the new message, and resolve the failure, in one transaction.

    `token` is the newest attempt's that the person saw. The text is made afresh from the booking as it is now.

    Raises:
        NotFound: the message is about no booking.
        Invalid: an address cannot be taken, or is the very one that failed.
        Conflict: the message is not failed any more, or somebody resolved it, or changed the booking.
    """
    if message.booking is None:
        raise NotFound("This message is about no booking.")
    channel, facts = _read(message, message.booking, wanted)
    booking = message.booking

    def change(seen: Seen) -> dict[str, Any]:
        db.session.refresh(message)
        if refusal := why_not(message):
            raise Conflict(refusal)
        corrected = edit.differences(booking, facts)
        edit.write(booking, facts, seen.version)
        _resolve(message, token, by, channel)
        payment = truth.payment_of(message)
        of_message = {"message_id": message.id, "event": message.event, "payment": payment.id if payment else None}
        return {"changes": corrected, "channel": channel, **of_message}

    def letters() -> Letters:
        reason, paid = truth.reason_of(message), truth.paid_of(message)
        return messages.prepare(booking, message.event, reason=reason, paid=paid, only=channel)

    act = bookings.perform(
        booking, Action.MESSAGE_SENT_AFRESH, change, by=by, expected_version=expected_version, letters=letters
    )
    return db.session.scalars(select(Message).where(Message.act_id == act.id)).one()


def _read(message: Message, booking: Booking, wanted: Wanted) -> tuple[ChannelName, booking_form.Facts]:
    if wanted.channel not in offered(message):
        raise Invalid(fields={"channel": "Choose a channel that the guest agreed to."})
    channel = ChannelName(wanted.channel)
    phone, email = booking_form.read_addresses({"phone": wanted.phone, "email": wanted.email})
    facts = replace(booking_form.facts_of(booking), phone=phone, email=email)
    field, label = channel.address_field, words.CHANNEL[channel].label
    address = getattr(facts, field)
    if not address:
        raise Invalid(fields={field: f"{label} needs an address: enter it, or send by another channel."})
    if opt_outs.is_recorded(channel, address):
        raise Invalid(fields={field: f"This address asked for no messages by {label}. Send by another channel."})
    if channel is message.channel and address == message.to and _is_the_address(message):
        raise Invalid(fields={field: "This is the address that failed. Correct it, or send by another channel."})
    return channel, facts


def _is_the_address(message: Message) -> bool:
    """Whether the provider refused this very address, so that another try must fail as well."""
    if message.error_code in NOT_THE_ADDRESS:
        return False
    return explain(message.channel, message.error_code).kind is Kind.PERMANENT


def _resolve(message: Message, token: str, by: Actor, channel: ChannelName) -> None:
    """Close the failed message as the person saw it.

    Raises:
        Conflict: it was sent again, or closed, in the meantime.
    """
    resolved = changed(
        update(Message)
        .where(Message.id == message.id, Message.status == MessageStatus.FAILED, Message.resolved_at.is_(None))
        .where(Message.token.is_not_distinct_from(token or None))
        .values(resolved_at=now(), resolved_by=by.name, resolved_note=f"Sent afresh by {words.CHANNEL[channel].label}.")
    )
    if resolved != 1:
        raise Conflict("This message was sent again in the meantime. Look at how it stands now.")
