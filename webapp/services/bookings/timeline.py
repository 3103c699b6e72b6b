"""The timeline of a booking: each act with its messages, what the guest wrote, what staff noted; newest first."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp import words
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, Message, Note, Reply
from webapp.services.bookings import history, notes
from webapp.services.bookings.history import Line
from webapp.services.guests import replies
from webapp.services.messages import fallback, reached

NEWEST = 50  # Acts that the page shows at first.
# The note and the reply are entries themselves.
TOLD_ELSEWHERE = (Action.NOTE_ADDED, Action.REPLY_HANDLED)


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
            line=history.line(act, booking, undoes=first),
            messages=told,
            is_lost=_is_lost(told),
            undone=history.line(first, booking) if first else None,
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
