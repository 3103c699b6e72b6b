"""Confirming and declining many bookings at once: first a plan, then each row in its own transaction."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import selectinload

from webapp import words
from webapp.database import outcome
from webapp.errors import Invalid, Outrun
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.i18n import gettext
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
# The messages of each row wait this long while the other rows are written; then all become due together. If the process
# dies in between, they become due after this time. No request lives as long.
HELD_SECONDS = 120.0
log = structlog.get_logger(__name__)


class Act(StrEnum):
    """An act on many bookings."""

    CONFIRM = "confirm"
    DECLINE = "decline"

    @property
    def leads_to(self) -> BookingStatus:
        return BookingStatus.CONFIRMED if self is Act.CONFIRM else BookingStatus.DECLINED

    @property
    def tells(self) -> Event:
        return Event.BOOKING_CONFIRMED if self is Act.CONFIRM else Event.BOOKING_DECLINED


@dataclass(frozen=True)
class Ticked:
    """A selected booking: its id, and the version that the page showed."""

    id: int
    version: int

    def __str__(self) -> str:
        return f"{self.id}.{self.version}"

    @classmethod
    def read(cls, text: str) -> "Ticked":
        """Read one from a form.

        Raises:
            Invalid: it has another format.
        """
        if not re.fullmatch(r"[0-9]{1,18}\.[0-9]{1,9}", text):
            raise Invalid(gettext("This form is incomplete: reload the page and try again."))
        booking_id, version = (int(part) for part in text.split("."))
        return cls(booking_id, version)


@dataclass(frozen=True)
class Plan:
    """What an act would do."""

    act: Act
    bookings: Sequence[Booking]  # The bookings that it would change.
    left_out: Sequence[Booking] = ()  # Selected, but in another state.
    remaining: int = 0  # So many more match than one act may change.
    channels: dict[ChannelName, int] = field(default_factory=dict)  # Messages on each.
    guests: int = 0  # How many guests get a message.
    unreachable: int = 0  # How many bookings have a guest that no channel reaches.

    @property
    def messages(self) -> int:
        return sum(self.channels.values())


def ticked(act: Act, seen: Sequence[Ticked]) -> Plan:
    """Returns the plan for the selected rows."""
    found = db.session.scalars(
        select(Booking).where(Booking.id.in_([one.id for one in seen[:MOST]])).order_by(Booking.starts_at, Booking.id)
    ).all()
    able = [booking for booking in found if booking.may_become(act.leads_to)]
    return _plan(act, able, left_out=[booking for booking in found if booking not in able])


def matching(act: Act, filters: Filters) -> Plan:
    """Returns the plan for all bookings of a list, or the first MOST of them, in the list's order."""
    able = booking_list.first(filters, MOST, _able())
    return _plan(act, able, remaining=how_many_match(filters) - len(able))


def how_many_match(filters: Filters) -> int:
    """Returns how many bookings of a list can be confirmed or declined."""
    if filters.status in ("", BookingStatus.PENDING.value):
        return booking_counts.counts_for(filters)[BookingStatus.PENDING]
    return booking_list.how_many(filters, _able()) if filters.status in WAITING else 0


def carry_out(
    act: Act, seen: Sequence[Ticked], *, by: Actor, key: Callable[[str, int], str], reason: str = ""
) -> list[Result]:
    """Do it row by row, each in its own short transaction: a row that fails does not stop the others.

    `key` makes a row's idempotency key from its reference and version, so that a repeat gives the same results.

    Raises:
        Invalid: too many at once.
    """
    if len(seen) > MOST:
        raise Invalid(gettext("Choose at most %(most)s bookings at once.", most=MOST))
    with outcome.of_many():
        return [_one(act, one, by, key, reason) for one in seen]


def take_back(act_ids: Sequence[int], *, by: Actor, key: Callable[[int], str]) -> list[Result]:
    """Undo each of these acts, if its row still allows it."""
    with outcome.of_many():
        return [_undo(act_id, replace(by, form_key=key(act_id))) for act_id in act_ids[:MOST]]


def release(results: Sequence[Result]) -> float:
    """Make the messages of all these acts due together, and return in how many seconds.

    Until then none of them is sent, so that the acts can be undone.
    """
    undo_seconds = float(current().undo_seconds)
    made = [result.act.id for result in results if result.act and not result.is_repeat]
    if not undo_seconds or not made:
        return undo_seconds
    try:
        messages.release(made, undo_seconds)
    except TROUBLE as error:
        log.warning("A bulk act's messages wait for their own time.", error=type(error).__name__)
        return HELD_SECONDS
    return undo_seconds


def messages_of(acts: Sequence[Audit]) -> int:
    """Returns how many messages of these acts go out or went out."""
    written = select(func.count()).where(
        Message.act_id.in_([act.id for act in acts]), Message.status != MessageStatus.SKIPPED
    )
    return db.session.scalars(written.select_from(Message)).one()


def rows(results: Sequence[Result]) -> list[Booking]:
    """Returns the bookings of these results as they are now, with all that their rows show, in the same order."""
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
    hears = booking_view.channels_for(able, act.tells)
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


def _one(act: Act, seen: Ticked, by: Actor, key: Callable[[str, int], str], reason: str) -> Result:
    booking = db.session.get(Booking, seen.id)
    if booking is None:
        return Result(seen.id, "?", "", Fate.NOT_POSSIBLE, gettext("There is no such booking any more."))
    reference, version = booking.reference, seen.version
    if booking.version == version and not booking.may_become(act.leads_to):
        sentence = gettext("Not possible. Status: %(status)s.", status=words.BOOKING[booking.status].label)
        return Result(seen.id, reference, booking.name, Fate.NOT_POSSIBLE, sentence)
    person = replace(by, form_key=key(reference, version))
    hold = HELD_SECONDS if current().undo_seconds else 0
    label = words.BOOKING[act.leads_to].label

    def do() -> tuple[str, Audit]:
        if act is Act.CONFIRM:
            done = bookings.confirm(booking, by=person, expected_version=version, hold=hold)
        else:
            done = bookings.decline(booking, by=person, reason=reason, expected_version=version, hold=hold)
        if booking.version == done.detail["version"]:
            return f"{label}.", done
        # The form was sent before, and somebody has changed the booking since.
        now = words.BOOKING[booking.status].label
        return gettext("%(before)s before. Status now: %(now)s.", before=label, now=now), done

    return _attempt(booking, do, f"{label}.")


def _undo(act_id: int, by: Actor) -> Result:
    act = db.session.get(Audit, act_id)
    booking = db.session.get(Booking, act.booking_id) if act and act.booking_id else None
    if booking is None:
        return Result(0, "?", "", Fate.NOT_POSSIBLE, gettext("There is nothing to undo."))
    sentence = gettext("Undone. Nothing was sent.")

    def do() -> tuple[str, None]:
        undo.undo(booking, act_id, by=by)
        return sentence, None

    return _attempt(booking, do, sentence)


def _attempt(booking: Booking, do: Callable[[], tuple[str, Audit | None]], done: str) -> Result:
    """Do the act of one row; whatever fails, the other rows are done. `done`: what to say if it was done after all."""
    row = booking.id, booking.reference, booking.name
    with outcome.of_one() as tally:
        try:
            sentence, act = do()
        except Outrun as error:
            return Result(*row, Fate.OUTRUN, error.sentence)
        except Exception as error:  # noqa: BLE001  # The other rows must be done whatever happens here.
            return Result(*row, *row_fates.failed(error, row[1], tally, done))
        return Result(*row, Fate.DONE, sentence, act, is_repeat=tally.was_done_before)
