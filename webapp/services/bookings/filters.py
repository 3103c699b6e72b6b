"""The filters and orders of the list of bookings, as they are in its URL."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from webapp import clock
from webapp.i18n import N_, gettext
from webapp.models import Booking, BookingStatus, Payment, PaymentState, Reply
from webapp.models.types import literal_words
from webapp.services import search
from webapp.services.messages import reached
from webapp.settings import current

LONGEST_SEARCH = 100
LONGEST_SERVICE = 200
LONGEST_DAY = 20
TO_VERIFY, UNREACHED, REPLIED = "to_verify", "not_reached", "replied"
# By value in the URL: the label of each status.
LABELS = {
    "": N_("All"),
    BookingStatus.PENDING.value: N_("To confirm"),
    TO_VERIFY: N_("Payments to verify"),
    UNREACHED: N_("Not reached"),
    REPLIED: N_("Replies to read"),
    BookingStatus.CONFIRMED.value: N_("Confirmed"),
    BookingStatus.COMPLETED.value: N_("Completed"),
    BookingStatus.NO_SHOW.value: N_("No-show"),
    BookingStatus.DECLINED.value: N_("Declined"),
    BookingStatus.CANCELLED.value: N_("Cancelled"),
}
WORK = (BookingStatus.PENDING.value, TO_VERIFY)
START, START_LAST, NEWEST = "start", "start_last", "newest"
SORTS = {
    "": N_("Needs attention first"),
    START: N_("Start, earliest first"),
    START_LAST: N_("Start, latest first"),
    NEWEST: N_("Newest first"),
}
UNREADABLE = N_("Write the day as in 2026-11-23.")
TURNED = N_("The “to” date is before the “from” date. Correct it, then choose again.")
# The names of the form fields; `from` is a keyword of Python.
_IN_URL = {"first": "from", "last": "to"}


@dataclass(frozen=True)
class Filters:
    """The filters of the list; a value that is not offered is ignored.

    Days are kept as they were typed, so that a wrong one can be shown with its error.
    """

    status: str = ""
    q: str = ""
    first: str = ""
    last: str = ""
    service: str = ""
    sort: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filters":
        """Read the filters from a URL."""
        status, sort = args.get("status", ""), args.get("sort", "")
        return cls(
            status=status if status in LABELS else "",
            q=tidy(args.get("q", ""), LONGEST_SEARCH),
            first=tidy(args.get("from", ""), LONGEST_DAY),
            last=tidy(args.get("to", ""), LONGEST_DAY),
            service=tidy(args.get("service", ""), LONGEST_SERVICE),
            sort=sort if sort in SORTS else "",
        )

    def query(self, **changed: str) -> dict[str, str]:
        """Returns the filters and the order that are set, for a URL."""
        asked = {_IN_URL.get(name, name): value for name, value in asdict(self).items()}
        return {name: value for name, value in (asked | changed).items() if value}

    @property
    def days(self) -> tuple[date | None, date | None]:
        """Returns the first and the last day; None for a day that is not set or cannot be read."""
        return day_of(self.first), day_of(self.last)

    @property
    def errors(self) -> dict[str, str]:
        """Returns the errors of the days, by field."""
        first, last = self.days
        unread = {"from": self.first and not first, "to": self.last and not last}
        wrong = {name: gettext(UNREADABLE) for name in unread if unread[name]}
        return wrong | ({"to": gettext(TURNED)} if first and last and last < first else {})

    @property
    def narrows(self) -> bool:
        """Whether a filter is set; an order is not a filter."""
        return bool(self.query(sort=""))


def tidy(text: str, longest: int) -> str:
    """Returns a text on one line, cut to a length."""
    return " ".join(text.replace("\0", " ").split())[:longest]


def day_of(typed: str) -> date | None:
    """Returns the day of a text; None if it is not one."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None  # Zones and databases know no other years.


def midnight(day: date) -> datetime:
    """Returns the beginning of a day in the business's time zone."""
    return datetime.combine(day, time.min, current().zone)


def today() -> datetime:
    """Returns the beginning of today in the business's time zone."""
    return midnight(clock.now().astimezone(current().zone).date())


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """Returns all conditions of a list."""
    return [*in_status(filters.status), *beside_status(filters)]


def in_status(status: str) -> list[ColumnElement[bool]]:
    """Returns the condition of one chip: a status, or open work of another kind."""
    if status in WAITING:
        return [Booking.id.in_(WAITING[status]())]
    return [Booking.status == BookingStatus(status)] if status else []


def beside_status(filters: Filters) -> list[ColumnElement[bool]]:
    """Returns the conditions of a list apart from its chip."""
    asked = search.among(filters.q)
    first, last = filters.days
    if first:
        asked.append(Booking.starts_at >= midnight(first))
    if last:
        asked.append(Booking.starts_at < midnight(last + timedelta(days=1)))
    if filters.service:
        asked.append(Booking.service == filters.service)
    return asked


def _to_verify() -> Select[int]:
    return select(Payment.booking_id).where(submitted())


def submitted() -> ColumnElement[bool]:
    """Returns the condition for payments to verify; literal, so that a partial index fits."""
    return Payment.status == literal_words(PaymentState.SUBMITTED)[0]


def _replied() -> Select[int | None]:
    return select(Reply.booking_id).where(Reply.handled_at.is_(None), Reply.booking_id.is_not(None))


# Open work of a kind that is not a status.
WAITING: dict[str, Callable[[], Select[Any]]] = {TO_VERIFY: _to_verify, UNREACHED: reached.bookings, REPLIED: _replied}


def quick_days() -> dict[str, tuple[str, str]]:
    """Returns the usual choices of days, as first and last day."""
    day = today().date()
    spans = {N_("Today"): (0, 0), N_("Tomorrow"): (1, 1), N_("Next 7 days"): (0, 6)}
    return {N_("Any day"): ("", "")} | {
        label: ((day + timedelta(days=first)).isoformat(), (day + timedelta(days=last)).isoformat())
        for label, (first, last) in spans.items()
    }
