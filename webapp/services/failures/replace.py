"""Sends a new message in place of one that failed, to a corrected address or by another channel."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select, update

from webapp import words
from webapp.channels.base import Kind
from webapp.channels.reasons import explain
from webapp.database import changed, now
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import Action, Booking, ChannelName, Message, MessageStatus
from webapp.services import bookings, messages
from webapp.services.audit import Actor
from webapp.services.bookings import Seen, edit
from webapp.services.bookings import form as booking_form
from webapp.services.guests import opt_outs, reach
from webapp.services.messages import truth
from webapp.services.messages.compose import PreparedMessages

NO_BOOKING = N_("This message is about no booking.")
# With these codes the address may be right: the message was too late, or the provider had a problem.
NOT_THE_ADDRESS = ("expired", "tries_used_up", "no_code", "bug", "no_template", "provider_off")


@dataclass(frozen=True)
class Wanted:
    """The channel and addresses that a person typed."""

    channel: str
    phone: str
    email: str


def offered(message: Message) -> list[ChannelName]:
    """Returns the channels that the guest agreed to and that are switched on, that of the failure first."""
    booking = message.booking
    if booking is None:
        return []
    (reaches,) = reach.find([booking])
    usable = [one.channel for one in reaches if one.is_agreed and one.provider != "off"]
    return sorted(usable, key=lambda channel: channel is not message.channel)


def why_not(message: Message) -> str:
    """Returns why no new message can be sent in place of this one; empty if it can."""
    if message.booking is None:
        return gettext(NO_BOOKING)
    if not message.can_retry:
        state = words.MESSAGE[message.status].label
        return gettext("It is now “%(state)s”: only a failed message can be resent.", state=state)
    if message.resolved_at:
        sentence = gettext("%(name)s has resolved it already.", name=message.resolved_by)
        return f"{sentence} {message.resolved_note}".strip()
    if truth.is_superseded(message.event, message.booking.status, truth.payment_state(message)):
        return gettext("Something has changed since: this text is no longer true, so it is not sent again.")
    return "" if offered(message) else gettext("The guest agreed to no channel that is switched on.")


def send(message: Message, wanted: Wanted, *, by: Actor, token: str, expected_version: int) -> Message:
    """Correct the booking's address, make the new message, and resolve the failure, in one transaction.

    `token` is that of the newest attempt that the person saw. The text is written anew from the booking as it is now.

    Raises:
        NotFound: the message is about no booking.
        Invalid: an address cannot be taken, or is the very one that failed.
        Conflict: the message is not failed any more, or somebody resolved it, or changed the booking.
    """
    if message.booking is None:
        raise NotFound(gettext(NO_BOOKING))
    channel, facts = _read(message, message.booking, wanted)
    booking = message.booking

    def change(seen: Seen) -> dict[str, Any]:
        db.session.refresh(message)
        if sentence := why_not(message):
            raise Conflict(sentence)
        corrected = edit.differences(booking, facts)
        edit.write(booking, facts, seen.version)
        _resolve(message, token, by, channel)
        payment = truth.payment_of(message)
        of_message = {"message_id": message.id, "event": message.event, "payment": payment.id if payment else None}
        return {"changes": corrected, "channel": channel, **of_message}

    def letters() -> PreparedMessages:
        reason, paid = truth.reason_of(message), truth.paid_of(message)
        return messages.prepare(booking, message.event, reason=reason, paid=paid, only=channel)

    act = bookings.perform(
        booking, Action.MESSAGE_SENT_AFRESH, change, by=by, expected_version=expected_version, letters=letters
    )
    return db.session.scalars(select(Message).where(Message.act_id == act.id)).one()


def _read(message: Message, booking: Booking, wanted: Wanted) -> tuple[ChannelName, bookings.Facts]:
    if wanted.channel not in offered(message):
        raise Invalid(fields={"channel": gettext("Choose a channel that the guest agreed to.")})
    channel = ChannelName(wanted.channel)
    phone, email = booking_form.read_addresses({"phone": wanted.phone, "email": wanted.email})
    facts = replace(booking_form.facts_of(booking), phone=phone, email=email)
    field, label = channel.address_field, words.CHANNEL[channel].label
    address = getattr(facts, field)
    if not address:
        error = gettext("%(channel)s needs an address: enter it, or choose another channel.", channel=label)
    elif opt_outs.is_recorded(channel, address):
        error = gettext("This address asked for no messages by %(channel)s. Choose another channel.", channel=label)
    elif channel is message.channel and address == message.to and _is_the_address(message):
        error = gettext("This is the address that did not work. Correct it, or choose another channel.")
    else:
        return channel, facts
    raise Invalid(fields={field: error})


def _is_the_address(message: Message) -> bool:
    """Returns whether the provider refused this address, so that another attempt would fail too."""
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
        .values(resolved_at=now(), resolved_by=by.name, resolved_note=f"Resent by {words.CHANNEL[channel].text}.")
    )
    if resolved != 1:
        raise Conflict(gettext("This message was sent again in the meantime. Look at its status now."))
