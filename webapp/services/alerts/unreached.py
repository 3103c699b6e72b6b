"""The guests of the last hour whom no channel reached. A fault of a guest's own address is no alarm: it is left out.

The rows themselves are counted, by the index on their due time: the hourly figures begin anew at each full hour.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, Subquery, func, select

from webapp.channels.reasons import is_of_one_guest
from webapp.database import later
from webapp.extensions import db
from webapp.i18n import ngettext
from webapp.models import TAKEN, Message, MessageStatus
from webapp.monitor.shared import Shared
from webapp.services.messages import reached
from webapp.settings import current

CAUSE = "failed_share"  # As it is stored with alerts.
NEWEST = 20_000  # The most messages of an hour to look at: enough for a share, and cheap to count.
# What the rule of lost messages asks of a row.
_COLUMNS = (
    Message.id, Message.guest_id, Message.booking_id, Message.act_id, Message.event, Message.channel, Message.status,
    Message.error_code, Message.resolved_at, Message.falls_back,
)  # fmt: skip


@dataclass(frozen=True)
class Guests:
    """How many guests had a message that was sent or failed, and how many of them no channel reached."""

    told: int
    lost: int

    @property
    def share(self) -> float:
        return self.lost / self.told if self.told else 0.0

    @property
    def are_many(self) -> bool:
        """Whether people should be alerted."""
        return self.lost >= current().alert_failed_at_least and self.share > current().alert_failed_share


def of_last_hour() -> Guests:
    """Returns the guests whose messages fell due in the last hour."""
    rows = db.session.execute(lost()).all()
    ours = {row.guest_id for row in rows if not is_of_one_guest(row.error_code)}
    return Guests(db.session.scalars(told()).one(), len(ours))


def lost() -> Select[*tuple[Any, ...]]:
    """Returns the statement that reads the lost messages, each with its guest and its code."""
    newest = _newest()
    return select(newest.c.guest_id, newest.c.error_code).where(*reached.lost(newest.c))


def told() -> Select[int]:
    """Returns the statement that counts the guests whose messages were sent or failed."""
    newest = _newest()
    ended = newest.c.status.in_([MessageStatus.FAILED, *TAKEN])
    return select(func.count(newest.c.guest_id.distinct())).where(ended, newest.c.booking_id.is_not(None))


def sentence() -> str:
    """Returns how many guests were not reached, as it is now; empty while they are not many any more."""
    guests = _shared.get()
    if not guests.are_many:
        return ""
    return ngettext(
        "Several guests cannot be reached: %(num)s in the last hour.",
        "Several guests cannot be reached: %(num)s in the last hour.",
        guests.lost,
    )


def _newest() -> Subquery:
    lately = Message.first_due_at >= select(later(-3600)).scalar_subquery()
    return select(*_COLUMNS).where(lately).order_by(Message.first_due_at.desc()).limit(NEWEST).subquery()


_shared = Shared(of_last_hour, seconds=5.0)
forget = _shared.forget
