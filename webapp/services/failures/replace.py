"""Sends the news of a message again, as a new message: to another address, by another channel, or just once more."""

from collections.abc import Collection, Iterable, Sequence
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
from webapp.models import Action, Audit, Booking, ChannelName, Message, MessageStatus
from webapp.services import bookings, messages
from webapp.services.audit import Actor
from webapp.services.bookings import Seen, edit
from webapp.services.bookings import form as booking_form
from webapp.services.bookings.act import touch
from webapp.services.guests import opt_outs, reach
from webapp.services.messages import truth
from webapp.services.messages.compose import PreparedMessages

NO_BOOKING = N_("This message is about no booking.")
# With these codes the address may be right: the message was too late, or the provider had a problem.
NOT_THE_ADDRESS = ("expired", "tries_used_up", "no_code", "bug", "no_template", "provider_off")
MOST_OTHERS = 20


@dataclass(frozen=True)
class Wanted:
    """What a person chose: the channel and the addresses, and what else goes out to them."""

    channel: str
    phone: str
    email: str
    keep: bool = True  # The booking gets these addresses; else they are for this once.
    also: Collection[int] = ()  # Ids of other failures to the same address, sent again too.
    is_closed: bool = False  # The person saw that somebody had dealt with the failure.


@dataclass(frozen=True)
class Part:
    """One message to be sent again, and the way that the new one takes."""

    message: Message
    channel: ChannelName
    address: str


def offered(message: Message) -> list[ChannelName]:
    """Returns the channels that the guest agreed to and that are switched on, that of the message first."""
    booking = message.booking
    if booking is None:
        return []
    (reaches,) = reach.find([booking])
    usable = [one.channel for one in reaches if one.is_agreed and one.provider != "off"]
    return sorted(usable, key=lambda channel: channel is not message.channel)


def why_not(message: Message) -> str:
    """Returns why the news of this message cannot be sent again; empty if it can."""
    if message.booking is None:
        return gettext(NO_BOOKING)
    if message.is_open:
        state = words.MESSAGE[message.status].label
        return gettext("It is still “%(state)s”: wait until it has arrived or failed.", state=state)
    if truth.is_superseded(message.event, message.booking.status, truth.payment_state(message)):
        return gettext("Something has changed since: this text is no longer true, so it is not sent again.")
    return "" if offered(message) else gettext("The guest agreed to no channel that is switched on.")


def is_the_address(message: Message) -> bool:
    """Returns whether the provider refused this address, so that another attempt would fail too."""
    if not message.can_retry or message.error_code in NOT_THE_ADDRESS:
        return False
    return explain(message.channel, message.error_code).kind is Kind.PERMANENT


def others(message: Message) -> list[Message]:
    """Returns the guest's other failures to the same wrong address, newest first: one for each news and channel."""
    if message.booking is None or not is_the_address(message):
        return []
    same = (Message.guest_id == message.guest_id, Message.to == message.to, Message.id != message.id)
    failed = select(Message).where(*same, Message.status == MessageStatus.FAILED, Message.resolved_at.is_(None))
    found = {(message.booking_id, message.event): {message.channel: message}}
    for other in db.session.scalars(failed.order_by(Message.id.desc()).limit(MOST_OTHERS)):
        if (
            other.booking_id is None
            or not is_the_address(other)
            or why_not(other)
            or other.channel not in offered(other)
        ):
            continue
        news = found.setdefault((other.booking_id, other.event), {})
        if all(one.act_id == other.act_id for one in news.values()):
            news.setdefault(other.channel, other)
    return [other for news in found.values() for other in news.values() if other is not message]


def send(message: Message, wanted: Wanted, *, by: Actor, token: str, expected_version: int) -> list[Audit]:
    """Make the new message, correct the booking's addresses if they are kept, close the failure, in one transaction.

    `token` is that of the newest attempt that the person saw. Texts are written anew from the booking as it is now.
    Failures about other bookings of the guest follow, each booking as an act of its own. Returns the acts.

    Raises:
        NotFound: the message is about no booking.
        Invalid: an address cannot be taken, or is the very one that failed.
        Conflict: the news is no longer true, or somebody dealt with the failure, or changed the booking.
    """
    if message.booking is None:
        raise NotFound(gettext(NO_BOOKING))
    channel, facts = _read(message, message.booking, wanted)
    parts = {message.booking: [Part(message, channel, getattr(facts, channel.address_field))]}
    for other in others(message):
        address = getattr(facts, other.channel.address_field)
        if other.booking and other.id in wanted.also and address and address != other.to:
            parts.setdefault(other.booking, []).append(Part(other, other.channel, address))
    tokens = {part.message.id: part.message.token for ones in parts.values() for part in ones} | {
        message.id: token or None
    }
    acts = []
    for number, (booking, ones) in enumerate(parts.items()):
        actor = replace(by, form_key=f"{(by.form_key or '')[:40]}-{booking.id}"[:64]) if number else by
        kept = facts if wanted.keep else None
        acts.append(_send(booking, ones, kept, wanted, actor, tokens, expected_version if not number else None))
    return acts


def _send(
    booking: Booking,
    parts: Sequence[Part],
    kept: bookings.Facts | None,
    wanted: Wanted,
    by: Actor,
    tokens: dict[int, str | None],
    expected_version: int | None,
) -> Audit:
    first = parts[0]

    def change(seen: Seen) -> dict[str, Any]:
        corrected: dict[str, list[Any]] = {}
        for part in parts:
            db.session.refresh(part.message)
            _check(part.message, wanted)
        if kept is None:
            touch(booking, seen)
        else:
            facts = replace(booking_form.facts_of(booking), phone=kept.phone, email=kept.email)
            corrected = edit.differences(booking, facts)
            edit.write(booking, facts, seen.version)
        closed = [part.message.id for part in parts if _close(part, tokens[part.message.id], by)]
        about = {"message_id": first.message.id, "event": first.message.event, "channel": first.channel}
        return {"changes": corrected, "failures": closed, "news": _news(parts), **about}

    def letters() -> PreparedMessages:
        return _merged([_letters(booking, part) for part in parts])

    return bookings.perform(
        booking, Action.MESSAGE_SENT_AFRESH, change, by=by, expected_version=expected_version, letters=letters
    )


def _check(message: Message, wanted: Wanted) -> None:
    if sentence := why_not(message):
        raise Conflict(sentence)
    if message.resolved_at and not wanted.is_closed:
        sentence = gettext("%(name)s has dealt with it already.", name=message.resolved_by)
        raise Conflict(f"{sentence} {message.resolved_note}".strip())


def _news(parts: Iterable[Part]) -> dict[str, dict[str, Any]]:
    """Returns what the texts need of the acts that the messages told of, for whoever sends them once more."""
    found = {}
    for part in parts:
        payment = truth.payment_of(part.message)
        found[str(part.message.event)] = {
            "payment": payment.id if payment else None,
            "reason": truth.reason_of(part.message),
        }
    return found


def _letters(booking: Booking, part: Part) -> PreparedMessages:
    reason, paid = truth.reason_of(part.message), truth.paid_of(part.message)
    return messages.prepare(booking, part.message.event, reason=reason, paid=paid, only=part.channel, to=part.address)


def _merged(several: Sequence[PreparedMessages]) -> PreparedMessages:
    rows = [row for letters in several for row in letters.rows]
    return replace(several[0], rows=rows, supersedes=sorted({event for one in several for event in one.supersedes}))


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
    elif channel is message.channel and address == message.to and is_the_address(message):
        error = gettext("This is the address that did not work. Correct it, or choose another channel.")
    else:
        return channel, facts
    raise Invalid(fields={field: error})


def _close(part: Part, token: str | None, by: Actor) -> bool:
    """Close a failure as the person saw it. Returns False where there is none, or it was closed when they saw it.

    Raises:
        Conflict: it was sent again, or closed, in the meantime.
    """
    message = part.message
    if not message.is_unresolved:
        return False
    closed = changed(
        update(Message)
        .where(Message.id == message.id, Message.status == MessageStatus.FAILED, Message.resolved_at.is_(None))
        .where(Message.token.is_not_distinct_from(token))
        .values(resolved_at=now(), resolved_by=by.name, resolved_note=f"Resent by {words.CHANNEL[part.channel].text}.")
    )
    if closed != 1:
        raise Conflict(gettext("This message was sent again in the meantime. Look at its status now."))
    return True
