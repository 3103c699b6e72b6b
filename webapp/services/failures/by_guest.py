"""Unresolved failures by guest: one row for each, with why by each channel, first those whom no channel reached."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload

from webapp.extensions import db
from webapp.models import Booking, Message
from webapp.services.board.listing import UNSHOWN
from webapp.services.failures.selection import UNRESOLVED
from webapp.services.messages import reached

SHOWN = 40
LOOKED_AT = 1_000  # The newest failures; those whose guests were not reached come before all others.


@dataclass(frozen=True)
class Guest:
    """A guest with failures, newest first."""

    failures: Sequence[Message]
    lost: Sequence[Message]  # Those of the failures that left the guest without their news.

    @property
    def booking(self) -> Booking:
        booking: Booking | None = (self.lost or self.failures)[0].booking
        assert booking is not None, "a test message is not listed"
        return booking

    @property
    def to_mend(self) -> Message:
        """The failure to begin with."""
        return (self.lost or self.failures)[0]


@dataclass(frozen=True)
class Guests:
    """The first guests, and how many there are among the failures that were looked at."""

    shown: Sequence[Guest]
    others: int


def find() -> Guests:
    """Returns guests with failures, first those who were not reached, newest failure first."""
    lost = set(db.session.scalars(reached.lost_messages(Message.guest_id).order_by(Message.id.desc()).limit(LOOKED_AT)))
    newest = select(Message.guest_id, Message.id).where(*UNRESOLVED, Message.booking_id.is_not(None))
    looked_at = newest.order_by(Message.id.desc()).limit(LOOKED_AT).subquery()
    last = func.max(looked_at.c.id)
    others = db.session.scalars(select(looked_at.c.guest_id).group_by(looked_at.c.guest_id).order_by(last.desc())).all()
    ids = [*(one for one in others if one in lost), *(lost - set(others)), *(one for one in others if one not in lost)]
    return Guests(_load(ids[:SHOWN]), max(0, len(ids) - SHOWN))


def _load(ids: Sequence[int]) -> list[Guest]:
    whole = joinedload(Message.booking).selectinload(Booking.messages).options(*map(defer, UNSHOWN))
    rows = select(Message).where(*UNRESOLVED, Message.guest_id.in_(ids), Message.booking_id.is_not(None))
    failures = defaultdict(list)
    for message in db.session.scalars(rows.options(whole).order_by(Message.id.desc())):
        failures[message.guest_id].append(message)
    return [Guest(failures[one], [m for m in failures[one] if reached.is_lost(m)]) for one in ids if failures[one]]
