"""The open work of today: how much of each kind, and the first of each."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Reply
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import REPLIED, START, TO_VERIFY, UNREACHED, Filters, today
from webapp.services.guests import replies as unknown_numbers
from webapp.services.guests.replies import Unknown

FIRST = 5
FIRST_ARRIVALS = 12
WORK = (BookingStatus.PENDING.value, TO_VERIFY, UNREACHED, REPLIED)


@dataclass(frozen=True)
class Agenda:
    """The open work, and the guests who arrive today."""

    counts: dict[str, int]
    arrivals: int
    to_confirm: Sequence[Booking]
    unreached: Sequence[Booking]  # Whose guests no channel reached.
    replies: Sequence[Reply]
    unknown: Sequence[Unknown]  # Numbers without a booking that wrote to us.
    arriving: Sequence[Booking]

    @property
    def is_done(self) -> bool:
        """Whether there is no open work."""
        return not self.replies and not self.unknown and not any(self.counts[name] for name in WORK)

    @property
    def seen(self) -> str:
        """Returns a digest that changes when the page should show other rows."""
        shown = [[one.id for one in rows] for rows in (self.to_confirm, self.unreached, self.replies)]
        shown.append([one.newest.id for one in self.unknown])
        return hashlib.sha256(repr((self.is_done, shown)).encode()).hexdigest()[:12]


def load() -> Agenda:
    """Returns the agenda as it is now."""
    counts = booking_counts.totals()
    pending, unreached, due = Filters(BookingStatus.PENDING.value), Filters(UNREACHED), arriving_today()
    return Agenda(
        counts=counts,
        arrivals=booking_list.how_many(due),
        to_confirm=booking_list.first(pending, FIRST) if counts[pending.status] else (),
        unreached=booking_list.first(unreached, FIRST) if counts[UNREACHED] else (),
        replies=_replies(),
        unknown=unknown_numbers.unknown(limit=FIRST),
        arriving=booking_list.first(due, FIRST_ARRIVALS),
    )


def arriving_today() -> Filters:
    """Returns the filters for the bookings that start today, in the order of their start."""
    day = today().date().isoformat()
    return Filters(BookingStatus.CONFIRMED.value, first=day, last=day, sort=START)


def _replies() -> Sequence[Reply]:
    """Returns the replies that nobody has handled, oldest first; unknown numbers have their own list."""
    waiting = (
        select(Reply)
        .where(Reply.handled_at.is_(None), Reply.booking_id.is_not(None))
        .options(joinedload(Reply.booking))
    )
    return db.session.scalars(waiting.order_by(Reply.id).limit(FIRST)).all()
