"""What staff see of a booking beside its columns: what is next, how far its guest was told, what can be undone."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from webapp import clock, words
from webapp.extensions import db
from webapp.models import (
    ARRIVED,
    Audit,
    Booking,
    BookingStatus,
    ChannelName,
    Message,
    MessageStatus,
    OptOut,
    Payment,
    PaymentState,
    PaymentStatus,
    payment_status,
)
from webapp.services import audit, undo
from webapp.settings import current
from webapp.words import Word

HISTORY = 50
LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "tr": "Turkish",
    "zh": "Chinese",
}
NO_MESSAGE_PATIENCE = timedelta(seconds=60)  # How long an act that told nobody can be undone.


@dataclass(frozen=True)
class Shown:
    """A booking as its row shows it."""

    booking: Booking
    paid: PaymentStatus
    told: Word | None  # None: nothing was ever to be told.
    is_simulated: bool
    is_open: bool  # Its messages are still on their way, so that a page should ask again.
    step: str  # The next legal one: confirm, verify, or none.
    to_verify: Payment | None


@dataclass(frozen=True)
class Held:
    """The last act, as long as it can be taken back."""

    act: Audit
    messages: int
    seconds: int  # Until the messages go out; 0 where they are due.


@dataclass(frozen=True)
class Line:
    """One line of a booking's history."""

    at: datetime
    actor: str
    did: str
    reason: str
    icon: str


@dataclass(frozen=True)
class Whole:
    """What only the booking's own page shows."""

    history: list[Line]
    held: Held | None
    hears_by: list[Word]
    language: str


def shown(booking: Booking, *, money_first: bool = False) -> Shown:
    """See a booking, its payments and messages loaded, as a row; `money_first` where payments are the work."""
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
    """How far the guest was told of the last act; a failure of any act stays until somebody resolves it."""
    if not going:
        return None
    failed = sum(m.status is MessageStatus.FAILED and m.resolved_at is None for m in going)
    if failed:
        return Word(f"{failed} failed", "bad", "alert-triangle")
    last = [m for m in going if m.act_id == going[-1].act_id and m.status is not MessageStatus.SKIPPED]
    if not last:
        return words.MESSAGE["skipped"]
    done = sum(_has_arrived(m) for m in last)
    label = f"{done} of {len(last)}"
    if done == len(last):
        return Word(label, "ok", "checks")
    if any(m.is_open and m.tries_used for m in last):
        return Word(label, "warn", "refresh")
    held_back = all(m.status is MessageStatus.WAITING for m in last)
    return Word(label, "mute", "hourglass") if held_back else Word(label, "info", "send")


def _has_arrived(message: Message) -> bool:
    """As far as can be known: an e-mail ends at sent, for it has no receipts."""
    mailed = message.channel is ChannelName.EMAIL and message.status is MessageStatus.SENT
    return mailed or message.status in ARRIVED


def whole(booking: Booking) -> Whole:
    """What the page of a booking shows beside its row."""
    newest_first = select(Audit).where(Audit.booking_id == booking.id).order_by(Audit.id.desc()).limit(HISTORY)
    acts = list(db.session.scalars(newest_first))
    return Whole(
        history=[_line(act) for act in acts],
        held=_held(booking, acts[0]) if acts else None,
        hears_by=[words.CHANNEL[channel] for channel in hears_by(booking)],
        language=LANGUAGES.get(booking.language.partition("-")[0], booking.language),
    )


def hears_by(booking: Booking) -> list[ChannelName]:
    """The channels on which the guest would be told of an act now."""
    addresses = {address for channel in ChannelName if (address := booking.address(channel))}
    stops = select(OptOut.channel, OptOut.address).where(OptOut.address.in_(addresses))
    stopped = {tuple(row) for row in db.session.execute(stops)}
    open_ones = [c for c in booking.reachable if booking.is_demo or current().provider(c) != "off"]
    return [channel for channel in open_ones if (channel, booking.address(channel)) not in stopped]


def _held(booking: Booking, act: Audit) -> Held | None:
    """Whether an undo of the last act would do something, by the same rules as the undo itself."""
    if act.action not in undo.UNDOABLE or act.detail.get("version") != booking.version:
        return None
    moment = clock.now()
    told = [m for m in booking.messages if m.act_id == act.id and m.status is not MessageStatus.SKIPPED]
    if not told:
        return Held(act, 0, 0) if moment - act.at < NO_MESSAGE_PATIENCE else None
    if any(m.status is not MessageStatus.WAITING or m.attempts_made for m in told):
        return None
    left = min(m.due_at for m in told) - moment
    return Held(act, len(told), max(0, math.ceil(left.total_seconds())))


def _line(act: Audit) -> Line:
    event = words.EVENT.get(act.action)
    icon = event.icon if event else "history"
    return Line(act.at, act.actor, audit.ACTS[act.action], act.detail.get("reason") or "", icon)
