"""What is left to do today: how much of each kind, and what comes first."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Reply
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import FAILED, REPLIED, START, TO_VERIFY, Filters, today
from webapp.services.guests import replies as unknown_numbers
from webapp.services.guests.replies import Unknown

FIRST = 5
FIRST_ARRIVALS = 12
WORK = (BookingStatus.PENDING.value, TO_VERIFY, FAILED, REPLIED)


@dataclass(frozen=True)
class Agenda:
    """What a day at the desk begins with."""

    counts: dict[str, int]
    arrivals: int
    to_confirm: Sequence[Booking]
    failed: Sequence[Booking]
    replies: Sequence[Reply]
    unknown: Sequence[Unknown]  # Who wrote to us and has no booking.
    arriving: Sequence[Booking]

    @property
    def is_done(self) -> bool:
        """Whether nothing waits for a person."""
        return not self.replies and not self.unknown and not any(self.counts[name] for name in WORK)

    @property
    def seen(self) -> str:
        """Changes when another row belongs on the page than those that stand on it."""
        shown = [[one.id for one in rows] for rows in (self.to_confirm, self.failed, self.replies, self.arriving)]
        shown.append([one.newest.id for one in self.unknown])
        return hashlib.sha256(repr((self.is_done, shown)).encode()).hexdigest()[:12]


def take() -> Agenda:
    """Look at it."""
    counts = booking_counts.everything()
    pending, failed, due = Filters(BookingStatus.PENDING.value), Filters(FAILED), arriving_today()
    return Agenda(
        counts=counts,
        arrivals=booking_list.how_many(due),
        to_confirm=booking_list.first(pending, FIRST) if counts[pending.status] else (),
        failed=booking_list.first(failed, FIRST) if counts[FAILED] else (),
        replies=_replies(),
        unknown=unknown_numbers.unknown(limit=FIRST),
        arriving=booking_list.first(due, FIRST_ARRIVALS),
    )


def arriving_today() -> Filters:
    """The list of those who come today, in the business's time zone, in the order in which they come."""
    day = today().date().isoformat()
    return Filters(BookingStatus.CONFIRMED.value, first=day, last=day, sort=START)


def _replies() -> Sequence[Reply]:
    """What guests wrote and nobody has dealt with, oldest first; unknown numbers have a list of their own."""
    waiting = (
        select(Reply)
        .where(Reply.handled_at.is_(None), Reply.booking_id.is_not(None))
        .options(joinedload(Reply.booking))
    )
    return db.session.scalars(waiting.order_by(Reply.id).limit(FIRST)).all()
