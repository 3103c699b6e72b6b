"""What staff see of a booking beside its columns: the next step, the state of its messages, and what can be undone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp import clock, words
from webapp.i18n import gettext
from webapp.models import (
    ARRIVED,
    Audit,
    Booking,
    BookingStatus,
    ChannelName,
    Event,
    Message,
    MessageStatus,
    Note,
    OptOut,
    Payment,
    PaymentState,
    PaymentStatus,
    Reply,
    payment_status,
)
from webapp.services import audit
from webapp.services.bookings import history as booking_history
from webapp.services.bookings import notes
from webapp.services.bookings.history import Line
from webapp.services.guests import reach, replies
from webapp.services.guests.reach import Reach, State
from webapp.services.messages import channel_order
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
    told: Word | None  # None if there was never a message.
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

    history: list[Line]
    held: Held | None
    told_on: dict[Event, list[Word]]  # By event: the channels on which its message goes out at once.
    consents: list[Consent]
    language: str
    phone_warning: str
    left_behind: list[str]  # The old address of each message that is on its way.
    notes: list[Note]
    replies: list[Reply]
    has_started: bool


def shown(booking: Booking, *, money_first: bool = False) -> Shown:
    """Returns a booking as its row shows it; its payments and messages must be loaded.

    `money_first`: the list is about payments, so that verifying comes before confirming.
    """
    moment = clock.now()
    going = [m for m in booking.messages if m.error_code != "undone"]
    to_verify = next((p for p in booking.payments if p.status is PaymentState.SUBMITTED), None)
    steps = {"confirm": booking.may_become(BookingStatus.CONFIRMED), "verify": to_verify is not None}
    order = ("verify", "confirm") if money_first else ("confirm", "verify")
    return Shown(
        booking=booking,
        paid=payment_status(booking.amount, booking.payments),
        told=_told(going),
        is_simulated=any(m.simulated for m in going),
        is_open=any(not m.is_settled(moment) for m in booking.messages),
        step=next((step for step in order if steps[step]), ""),
        to_verify=to_verify,
    )


def _told(going: list[Message]) -> Word | None:
    """Returns the state of the messages of the last act; failures of any act stay until somebody resolves them."""
    if not going:
        return None
    failed = sum(m.status is MessageStatus.FAILED and m.resolved_at is None for m in going)
    if failed:
        return Word(gettext("%(count)s failed", count=failed), "bad", "alert-triangle")
    stood_in = {m.fallback_of_id for m in going}  # Another channel replaces these.
    last = [m for m in going if m.act_id == going[-1].act_id and m.status is not MessageStatus.SKIPPED]
    last = [m for m in last if m.id not in stood_in]
    if not last:
        return words.MESSAGE["skipped"]
    done = sum(_has_arrived(m) for m in last)
    label = gettext("%(done)s of %(all)s", done=done, all=len(last))
    if done == len(last):
        return Word(label, "ok", "checks")
    if any(m.is_open and m.tries_used for m in last):
        return Word(label, "warn", "refresh")
    held_back = all(m.status is MessageStatus.WAITING for m in last)
    return Word(label, "mute", "hourglass") if held_back else Word(label, "info", "send")


def _has_arrived(message: Message) -> bool:
    """Whether a message has arrived, as far as we know: one without receipts ends at sent."""
    mailed = not message.channel.has_receipts and message.status is MessageStatus.SENT
    return mailed or message.status in ARRIVED


def whole(booking: Booking) -> Whole:
    """Returns what the page of a booking shows beside its row."""
    acts = booking_history.newest(booking)
    (reaches,) = reach.find([booking])
    return Whole(
        history=[booking_history.line(act, booking) for act in acts],
        held=_held(booking, acts) if acts else None,
        told_on=_told_on(reaches),
        consents=[_consent(one) for one in reaches],
        language=name_of(booking.language),
        phone_warning=contact.phone_warning(booking.phone),
        left_behind=[m.to for m in booking.messages if m.is_open and m.to not in (booking.phone, booking.email)],
        notes=notes.notes_on(booking),
        replies=replies.of(booking),
        has_started=booking.starts_at <= clock.now(),
    )


def channels_for(several: Sequence[Booking], event: Event) -> dict[int, list[ChannelName]]:
    """Returns the channels on which each guest would be told of an event now, by the bookings' ids; one read."""
    order = channel_order.of(event)
    of_each = zip(several, reach.find(several), strict=True)
    return {booking.id: channel_order.preview(order, reaches) for booking, reaches in of_each}


def _told_on(reaches: Sequence[Reach]) -> dict[Event, list[Word]]:
    orders = channel_order.every()
    told = {event: channel_order.preview(orders.get(event, ()), reaches) for event in Event}
    return {event: [words.CHANNEL[channel] for channel in channels] for event, channels in told.items()}


def _consent(one: Reach) -> Consent:
    stop = one.opt_out
    return Consent(one.channel, CONSENT[one.state], _source(stop) if stop else "", stop.at if stop else None)


def _source(stop: OptOut) -> str:
    """Returns who recorded the opt-out: the provider's code, or a person."""
    return gettext("code %(code)s", code=stop.source) if stop.source.isdecimal() else stop.source


def _held(booking: Booking, acts: list[Audit]) -> Held | None:
    """Returns the last act if it can be undone, by the same rules as the undo itself."""
    act = next((act for act in acts if act.action not in audit.VERSIONLESS), acts[0])
    if act.action not in audit.UNDOABLE or act.detail.get("version") != booking.version:
        return None
    moment = clock.now()
    told = [m for m in booking.messages if m.act_id == act.id and m.status is not MessageStatus.SKIPPED]
    if not told:
        return Held(act, 0, 0) if moment - act.at < NO_MESSAGE_PATIENCE else None
    if any(m.status is not MessageStatus.WAITING or m.attempts_made for m in told):
        return None
    left = min(m.due_at for m in told) - moment
    return Held(act, len(told), max(0, math.ceil(left.total_seconds())))
