"""The timeline of a booking: each act with its messages, what the guest wrote, what staff noted; newest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from webapp import words
from webapp.extensions import db
from webapp.i18n import N_, amount, gettext
from webapp.models import Action, Audit, Booking, ChannelName, Message, Note, Reply
from webapp.services import audit, texts
from webapp.services.bookings import notes
from webapp.services.bookings.form import LABELS
from webapp.services.guests import replies
from webapp.services.messages import fallback, reached
from webapp.services.parsing import times
from webapp.services.texts.languages import name_of

NEWEST = 50  # Acts that the page shows at first.
# The note and the reply are entries themselves.
TOLD_ELSEWHERE = (Action.NOTE_ADDED, Action.REPLY_HANDLED)
# What an undo undid; of an act that is not here, the last step.
UNDID = {
    Action.BOOKING_CONFIRMED: N_("undid the confirmation"),
    Action.BOOKING_DECLINED: N_("undid the refusal"),
    Action.BOOKING_CANCELLED: N_("undid the cancellation"),
    Action.BOOKING_CHANGED: N_("undid the change"),
    Action.BOOKING_REOPENED: N_("undid the reopening"),
    Action.BOOKING_COMPLETED: N_("undid “Completed”"),
    Action.BOOKING_NO_SHOW: N_("undid “No-show”"),
    Action.PAYMENT_VERIFIED: N_("undid the verification of a payment"),
    Action.PAYMENT_REJECTED: N_("undid the rejection of a payment"),
    Action.PAYMENT_REVERSED: N_("undid the reversal of a payment"),
    Action.MESSAGE_SENT_AFRESH: N_("stopped a message that was sent again"),
}


@dataclass(frozen=True)
class Step:
    """The old and the new value of one field."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Line:
    """One act in words."""

    at: datetime
    actor: str
    did: str
    about: str  # Which payment or message, if any.
    reason: str
    steps: list[Step]
    icon: str


@dataclass(frozen=True)
class Entry:
    """One thing that happened: an act in words, a reply or a note."""

    id: str  # Of its element, and of the address that leads to it.
    at: datetime
    line: Line | None = None
    messages: Sequence[Message] = ()
    is_lost: bool = False  # The guest was not reached, so the page shows the messages at once.
    undone: Line | None = None  # The act that was undone, if this is an undo.
    reply: Reply | None = None
    note: Note | None = None

    @property
    def failures(self) -> list[Message]:
        """The messages that failed and that nobody has dealt with."""
        return [message for message in self.messages if message.is_unresolved]

    @property
    def told(self) -> list[Message]:
        """The failures of which somebody has told the guest another way."""
        return [message for message in self.messages if message.can_retry and message.resolved_how]

    @property
    def channels(self) -> list[str]:
        """The labels of the channels of its messages."""
        return [words.CHANNEL[message.channel].label for message in self.messages]


@dataclass(frozen=True)
class Timeline:
    """The entries of a booking, newest first."""

    entries: list[Entry]
    has_older: bool  # There is more, for a page that asks for everything.
    acts: Sequence[Audit]
    notes: int

    @property
    def last(self) -> Line | None:
        """The newest act in words."""
        return next((entry.line for entry in self.entries if entry.line), None)

    @property
    def newest_act(self) -> int:
        """The id of the newest act, by which a form that can be used again differs from its last use."""
        return self.acts[0].id if self.acts else 0


def read(booking: Booking, *, everything: bool = False) -> Timeline:
    """Returns the newest entries, or all; the booking's messages, their attempts and its payments must be loaded."""
    acts = _acts(booking, None if everything else NEWEST + 1)
    has_older = not everything and len(acts) > NEWEST
    acts, written = acts[: NEWEST if has_older else None], notes.notes_on(booking)
    fallback.see_stand_ins(booking.messages)
    found = [*_done(acts, booking), *map(_note, written), *map(_reply, replies.of(booking))]
    if has_older:
        found = [entry for entry in found if entry.at >= acts[-1].at]
    else:
        found += _without_act(booking)
    return Timeline(sorted(found, key=lambda entry: entry.at, reverse=True), has_older, acts, len(written))


def _acts(booking: Booking, most: int | None) -> Sequence[Audit]:
    """Returns the last acts on a booking, newest first."""
    acts = select(Audit).where(Audit.booking_id == booking.id).order_by(Audit.id.desc()).limit(most)
    return db.session.scalars(acts).all()


def _done(acts: Iterable[Audit], booking: Booking) -> Iterator[Entry]:
    """Yields the acts with their messages; an undo and what it undid are one entry."""
    messages = defaultdict(list)
    for message in booking.messages:
        messages[message.act_id].append(message)
    undone = {act.detail.get("act"): act for act in acts if act.action is Action.UNDONE}
    undid = {undone[act.id].id: act for act in acts if act.id in undone}
    for act in acts:
        if act.id in undone or act.action in TOLD_ELSEWHERE or "part_of" in act.detail:
            continue
        first = undid.get(act.id)
        told = messages[first.id if first else act.id]
        yield Entry(
            f"act-{act.id}", act.at,
            line=line(act, booking, undoes=first),
            messages=told,
            is_lost=_is_lost(told),
            undone=line(first, booking) if first else None,
        )  # fmt: skip


def _without_act(booking: Booking) -> Iterator[Entry]:
    """Yields the messages that no act is known of."""
    for message in booking.messages:
        if message.act_id is None:
            word = words.EVENT[message.event]
            line = Line(message.created_at, "", word.label, "", "", [], word.icon)
            lost = _is_lost([message])
            yield Entry(f"sent-{message.id}", message.created_at, line=line, messages=[message], is_lost=lost)


def _is_lost(messages: Iterable[Message]) -> bool:
    return any(reached.is_lost(message) for message in messages)


def _note(note: Note) -> Entry:
    return Entry(f"note-{note.id}", note.at, note=note)


def _reply(reply: Reply) -> Entry:
    return Entry(f"reply-{reply.id}", reply.at, reply=reply)


def line(act: Audit, booking: Booking, *, undoes: Audit | None = None) -> Line:
    """Returns one act in words; `undoes`: the act that it undid."""
    return Line(
        at=act.at,
        actor=act.actor,
        did=_did(act, undoes),
        about=_about(undoes or act, booking),
        reason=act.detail.get("reason") or act.detail.get("note") or "",
        steps=steps(act, booking),
        icon=audit.ACTS[act.action].icon,
    )


def _did(act: Audit, undoes: Audit | None) -> str:
    if undoes and undoes.action in UNDID:
        return gettext(UNDID[undoes.action])
    told = words.TOLD.get(act.detail.get("how", ""))
    return told.label if told and act.action is Action.MESSAGE_RESOLVED else audit.ACTS[act.action].did


def steps(act: Audit, booking: Booking) -> list[Step]:
    """Returns the old and new values of an act, in the order of the form."""
    changes = act.detail.get("changes", {})
    return [
        Step(gettext(label), _say(name, changes[name][0], booking), _say(name, changes[name][1], booking))
        for name, label in LABELS.items()
        if name in changes
    ]


def _say(name: str, value: Any, booking: Booking) -> str:
    """Returns a value of an audit row as staff read it."""
    if name == "channels":
        labels = [words.CHANNEL[channel].label for channel in ChannelName if value is None or channel in value]
        return ", ".join(labels) or gettext("nothing")
    if name == "starts_at":
        moment = datetime.fromisoformat(value)
        return texts.when(moment) + times.beside(moment)
    if name == "amount":
        return amount(Decimal(value), booking.currency)
    return name_of(value) if name == "language" else str(value or gettext("nothing"))


def _about(act: Audit, booking: Booking) -> str:
    payment = next((p for p in booking.payments if p.id == act.payment_id), None) if act.payment_id else None
    if payment:
        return f"{amount(payment.amount, booking.currency)}, {payment.method}"
    message = next((m for m in booking.messages if m.id == act.message_id), None) if act.message_id else None
    if message is None:
        return ""
    event, channel = words.EVENT[message.event].label, words.CHANNEL[act.detail.get("channel", message.channel)].label
    return f"{event}, {channel}"
