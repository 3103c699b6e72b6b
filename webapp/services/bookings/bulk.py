"""Confirming and declining many bookings at once: what will happen, then each row in a transaction of its own."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from webapp import words
from webapp.database import outcome
from webapp.errors import Conflict, Invalid, Outrun
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.models import Audit, Booking, BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.models.types import literal_words
from webapp.services import messages, row_fates
from webapp.services.audit import Actor
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import lifecycle as bookings
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings import undo
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.filters import WAITING, Filters
from webapp.services.row_fates import Fate, Result
from webapp.settings import current

MOST = 500
# Each row's messages wait for so long while the other rows are written; then all become due together. If the process
# dies in between, they are due by themselves after it. No request lives as long.
HELD_SECONDS = 120.0
TAKEN_BACK = "Taken back: nothing was sent."
log = structlog.get_logger(__name__)


class Act(StrEnum):
    """What may be done with many bookings."""

    CONFIRM = "confirm"
    DECLINE = "decline"

    @property
    def leads_to(self) -> BookingStatus:
        return BookingStatus.CONFIRMED if self is Act.CONFIRM else BookingStatus.DECLINED

    @property
    def tells(self) -> Event:
        return Event.BOOKING_CONFIRMED if self is Act.CONFIRM else Event.BOOKING_DECLINED


@dataclass(frozen=True)
class Seen:
    """A booking as somebody saw it: an act of theirs is meant for this version and no other."""

    id: int
    version: int

    def __str__(self) -> str:
        return f"{self.id}.{self.version}"

    @classmethod
    def read(cls, text: str) -> "Seen":
        """Take one from a form.

        Raises:
            Invalid: it is none.
        """
        if not re.fullmatch(r"[0-9]{1,18}\.[0-9]{1,9}", text):
            raise Invalid("This form is incomplete: reload the page and try again.")
        booking_id, version = (int(part) for part in text.split("."))
        return cls(booking_id, version)


@dataclass(frozen=True)
class Plan:
    """What an act would do, before it is done."""

    act: Act
    bookings: Sequence[Booking]  # Those that it can be done with.
    left_out: Sequence[Booking] = ()  # Ticked, but not in a state for it.
    remaining: int = 0  # More match than one act may take.
    channels: dict[ChannelName, int] = field(default_factory=dict)  # Messages on each.
    guests: int = 0  # Who will be told.
    unreachable: int = 0  # Bookings whose guest no channel reaches.

    @property
    def messages(self) -> int:
        return sum(self.channels.values())


def ticked(act: Act, seen: Sequence[Seen]) -> Plan:
    """What an act on these rows would do, as they stand now."""
    found = db.session.scalars(
        select(Booking).where(Booking.id.in_([one.id for one in seen[:MOST]])).order_by(Booking.starts_at, Booking.id)
    ).all()
    able = [booking for booking in found if booking.may_become(act.leads_to)]
    return _plan(act, able, left_out=[booking for booking in found if booking not in able])


def matching(act: Act, filters: Filters) -> Plan:
    """What it would do with all that a list shows; with the first MOST of them, in the list's order."""
    able = booking_list.first(filters, MOST, _able())
    return _plan(act, able, remaining=how_many_match(filters) - len(able))


def how_many_match(filters: Filters) -> int:
    """How many of a list can be confirmed or declined."""
    if filters.status in ("", BookingStatus.PENDING.value):
        return booking_counts.of(filters)[BookingStatus.PENDING]
    return booking_list.how_many(filters, _able()) if filters.status in WAITING else 0


def carry_out(
    act: Act, seen: Sequence[Seen], *, by: Actor, key: Callable[[str, int], str], reason: str = ""
) -> list[Result]:
    """Do it row by row, each in its own short transaction: one that fails stops no other.

    `key` gives the idempotency key of a row's own form, from its reference and version: a repeat gives the same
    results.

    Raises:
        Invalid: too many at once.
    """
    if len(seen) > MOST:
        raise Invalid(f"Choose at most {MOST} bookings at once.")
    with outcome.of_many():
        return [_one(act, one, by, key, reason) for one in seen]


def take_back(act_ids: Sequence[int], *, by: Actor, key: Callable[[int], str]) -> list[Result]:
    """Undo each act of a bulk act, as far as its row still allows."""
    with outcome.of_many():
        return [_back(act_id, replace(by, form_key=key(act_id))) for act_id in act_ids[:MOST]]


def release(results: Sequence[Result]) -> float:
    """Let the messages of all these acts go out together; in how many seconds, counted from now.

    Until then none of them is sent, so what is offered to be taken back can be.
    """
    undo_seconds = float(current().undo_seconds)
    made = [result.act.id for result in results if result.act and not result.is_repeat]
    if not undo_seconds or not made:
        return undo_seconds
    try:
        messages.release(made, undo_seconds)
    except TROUBLE as trouble:
        log.warning("A bulk act's messages wait for their own time.", error=type(trouble).__name__)
        return HELD_SECONDS
    return undo_seconds


def messages_of(acts: Sequence[Audit]) -> int:
    """How many messages these acts have written that go out, or went out already."""
    written = select(func.count()).where(
        Message.act_id.in_([act.id for act in acts]), Message.status != MessageStatus.SKIPPED
    )
    return db.session.scalars(written.select_from(Message)).one()


def rows(results: Sequence[Result]) -> list[Booking]:
    """The bookings of results as they stand, with all that their rows show, in the results' order."""
    found = db.session.scalars(
        select(Booking)
        .where(Booking.id.in_([result.booking_id for result in results]))
        .options(selectinload(Booking.payments), selectinload(Booking.messages))
        .execution_options(populate_existing=True)
    )
    known = {booking.id: booking for booking in found}
    return [known[result.booking_id] for result in results if result.booking_id in known]


def _able() -> ColumnElement[bool]:
    return Booking.status == literal_words(BookingStatus.PENDING)[0]


def _plan(act: Act, able: Sequence[Booking], *, left_out: Sequence[Booking] = (), remaining: int = 0) -> Plan:
    hears = booking_view.hear_by(able, act.tells)
    channels = {name: sum(name in hears[booking.id] for booking in able) for name in ChannelName}
    told = [booking for booking in able if hears[booking.id]]
    return Plan(
        act=act,
        bookings=able,
        left_out=left_out,
        remaining=remaining,
        channels={name: many for name, many in channels.items() if many},
        guests=len({booking.guest_id for booking in told}),
        unreachable=len(able) - len(told),
    )


def _one(act: Act, seen: Seen, by: Actor, key: Callable[[str, int], str], reason: str) -> Result:
    booking = db.session.get(Booking, seen.id)
    if booking is None:
        return Result(seen.id, "?", "", Fate.NOT_POSSIBLE, "There is no such booking any more.")
    reference, name = booking.reference, booking.name
    if booking.version == seen.version and not booking.may_become(act.leads_to):
        state = words.BOOKING[booking.status].label.lower()
        return Result(seen.id, reference, name, Fate.NOT_POSSIBLE, f"Not possible: it is {state}.")
    person = replace(by, form_key=key(reference, seen.version))
    hold = HELD_SECONDS if current().undo_seconds else 0
    with outcome.of_one() as tally:
        try:
            if act is Act.CONFIRM:
                done = bookings.confirm(booking, by=person, expected_version=seen.version, hold=hold)
            else:
                done = bookings.decline(booking, by=person, reason=reason, expected_version=seen.version, hold=hold)
            said = _done(booking, act, done)
            return Result(seen.id, reference, name, Fate.DONE, said, done, is_repeat=tally.was_done_before)
        except Outrun as first:
            return Result(seen.id, reference, name, Fate.OUTRUN, first.sentence)
        except Exception as failure:  # noqa: BLE001  # Whatever one row does, the others are none the worse for it.
            return Result(
                seen.id,
                reference,
                name,
                *row_fates.failed(failure, reference, tally, f"{words.BOOKING[act.leads_to].label}."),
            )


def _done(booking: Booking, act: Act, done: Audit) -> str:
    """A repeat of a form is told of its first result, and of what came after that."""
    label = words.BOOKING[act.leads_to].label
    if booking.version == done.detail["version"]:
        return f"{label}."
    return f"{label} before; it is now {words.BOOKING[booking.status].label.lower()}."


def _back(act_id: int, by: Actor) -> Result:
    act = db.session.get(Audit, act_id)
    booking = db.session.get(Booking, act.booking_id) if act and act.booking_id else None
    if booking is None:
        return Result(0, "?", "", Fate.NOT_POSSIBLE, "There is nothing to undo.")
    booking_id, reference, name = booking.id, booking.reference, booking.name
    with outcome.of_one() as tally:
        try:
            undo.undo(booking, act_id, by=by)
        except Outrun as first:
            return Result(booking_id, reference, name, Fate.OUTRUN, first.sentence)
        except Conflict as late:
            return Result(booking_id, reference, name, Fate.NOT_POSSIBLE, late.sentence)
        except Exception as failure:  # noqa: BLE001  # As above.
            return Result(booking_id, reference, name, *row_fates.failed(failure, reference, tally, TAKEN_BACK))
    return Result(booking_id, reference, name, Fate.DONE, TAKEN_BACK)
