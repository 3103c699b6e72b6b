"""What staff see of a booking beside its columns: the next step, the state of its messages, and what can be undone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp import clock
from webapp.i18n import gettext
from webapp.models import (
    Audit,
    Booking,
    BookingStatus,
    ChannelName,
    Event,
    MessageStatus,
    OptOut,
    Payment,
    PaymentState,
    PaymentStatus,
    payment_status,
)
from webapp.services import audit
from webapp.services.guests import reach
from webapp.services.guests.reach import Reach, State
from webapp.services.messages import channel_order, reached, reached_words
from webapp.services.parsing import contact
from webapp.services.texts.languages import name_of
from webapp.words import Word

CONSENT = {
    State.AGREED: Word("Agreed", "ok", "check"),
    State.OPTED_OUT: Word("Opted out", "bad", "ban"),
    State.NOT_AGREED: Word("Not agreed", "mute", "circle-x"),
    State.NO_ADDRESS: Word("No address", "mute", "circle"),
    State.OFF: Word("Switched off", "warn", "player-pause"),
}
NO_MESSAGE_PATIENCE = timedelta(seconds=60)  # How long an act without messages can be undone.


@dataclass(frozen=True)
class Shown:
    """A booking as its row shows it."""

    booking: Booking
    paid: PaymentStatus
    told: Word | None  # How far its news came; None if there was never any.
    line: reached_words.Line | None  # The same in a sentence.
    is_simulated: bool
    is_open: bool  # Its messages are still on their way, so a page should ask again.
    step: str  # The next one: confirm, verify, or empty.
    to_verify: Payment | None


@dataclass(frozen=True)
class Held:
    """The last act, as long as it can be undone."""

    act: Audit
    messages: int
    seconds: int  # Until the messages go out; 0 if they are due.


@dataclass(frozen=True)
class Consent:
    """Whether the guest gets messages by a channel; if not, why."""

    channel: ChannelName
    says: Word
    why: str = ""
    at: datetime | None = None


@dataclass(frozen=True)
class Whole:
    """What only the page of a booking shows."""

    held: Held | None
    consents: list[Consent]
    language: str
    phone_warning: str
    left_behind: list[str]  # The old address of each message that is on its way.
    has_started: bool


def shown(booking: Booking, *, money_first: bool = False) -> Shown:
    """Returns a booking as its row shows it; its payments and messages must be loaded.

    `money_first`: the list is about payments, so that verifying comes before confirming.
    """
    moment, news = clock.now(), reached.of(booking)
    to_verify = next((p for p in booking.payments if p.status is PaymentState.SUBMITTED), None)
    steps = {"confirm": booking.may_become(BookingStatus.CONFIRMED), "verify": to_verify is not None}
    order = ("verify", "confirm") if money_first else ("confirm", "verify")
    return Shown(
        booking=booking,
        paid=payment_status(booking),
        told=reached_words.badge(news) if news else None,
        line=reached_words.line(news) if news else None,
        is_simulated=news is not None and any(message.simulated for message in news.messages),
        is_open=any(not m.is_settled(moment) for m in booking.messages),
        step=next((step for step in order if steps[step]), ""),
        to_verify=to_verify,
    )


def whole(booking: Booking) -> Whole:
    """Returns what the page of a booking shows beside its row."""
    (reaches,) = reach.find([booking])
    return Whole(
        held=_held(booking),
        consents=[_consent(one) for one in reaches],
        language=name_of(booking.language),
        phone_warning=contact.phone_warning(booking.phone),
        left_behind=[m.to for m in booking.messages if m.is_open and m.to not in (booking.phone, booking.email)],
        has_started=booking.starts_at <= clock.now(),
    )


def was_told_no(booking: Booking) -> bool:
    """Whether the guest has heard, or may have, that the booking was declined or cancelled."""
    refusals = [m for m in booking.messages if m.event in (Event.BOOKING_DECLINED, Event.BOOKING_CANCELLED)]
    return any(m.was_taken or m.status in (MessageStatus.SENDING, MessageStatus.UNCERTAIN) for m in refusals)


def channels_for(several: Sequence[Booking], event: Event) -> dict[int, list[ChannelName]]:
    """Returns the channels on which each guest would be told of an event now, by the bookings' ids; one read."""
    order = channel_order.of(event)
    of_each = zip(several, reach.find(several), strict=True)
    return {booking.id: channel_order.preview(order, reaches) for booking, reaches in of_each}


def _consent(one: Reach) -> Consent:
    stop = one.opt_out
    return Consent(one.channel, CONSENT[one.state], _source(stop) if stop else "", stop.at if stop else None)


def _source(stop: OptOut) -> str:
    """Returns who recorded the opt-out: the provider's code, or a person."""
    return gettext("code %(code)s", code=stop.source) if stop.source.isdecimal() else stop.source


def _held(booking: Booking) -> Held | None:
    """Returns the last act if it can be undone, by the same rules as the undo itself."""
    act = audit.last_of(booking.id, but=audit.VERSIONLESS)
    if act is None or act.action not in audit.UNDOABLE or act.detail.get("version") != booking.version:
        return None
    moment = clock.now()
    told = [m for m in booking.messages if m.act_id == act.id and m.status is not MessageStatus.SKIPPED]
    if not told:
        return Held(act, 0, 0) if moment - act.at < NO_MESSAGE_PATIENCE else None
    if any(m.status is not MessageStatus.WAITING or m.attempts_made for m in told):
        return None
    left = min(m.due_at for m in told) - moment
    return Held(act, len(told), max(0, math.ceil(left.total_seconds())))
