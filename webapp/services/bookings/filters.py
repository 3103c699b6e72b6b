"""What the desk's list of bookings may be narrowed to, and in which order it comes, as its address says it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, select

from webapp import clock
from webapp.models import Booking, BookingStatus, Message, MessageStatus, Payment, PaymentState, Reply
from webapp.models.types import literal_words
from webapp.services import search
from webapp.settings import current

LONGEST_SEARCH = 100
LONGEST_SERVICE = 200
LONGEST_DAY = 20
TO_VERIFY, FAILED, REPLIED = "to_verify", "failed", "replied"
# What a list may be narrowed to, as it stands in the URL, and its label.
LABELS = {
    "": "All",
    BookingStatus.PENDING.value: "To confirm",
    TO_VERIFY: "Payment to verify",
    FAILED: "Message failed",
    REPLIED: "Reply to read",
    BookingStatus.CONFIRMED.value: "Confirmed",
    BookingStatus.COMPLETED.value: "Completed",
    BookingStatus.NO_SHOW.value: "No-show",
    BookingStatus.DECLINED.value: "Declined",
    BookingStatus.CANCELLED.value: "Cancelled",
}
WORK = (BookingStatus.PENDING.value, TO_VERIFY)
START, START_LAST, NEWEST = "start", "start_last", "newest"
SORTS = {
    "": "Soonest needs a hand",
    START: "Start, earliest first",
    START_LAST: "Start, latest first",
    NEWEST: "Newest taken",
}
UNREADABLE = "Write the day as in 2026-11-23."
TURNED = "The last day is before the first: choose a later one."
# As fields of the form call them; `from` is a word of Python's own.
_IN_URL = {"first": "from", "last": "to"}


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to; what nobody offers counts as nothing asked.

    Days are kept as they were typed, so that a wrong one can be shown beside what is wrong with it.
    """

    status: str = ""
    q: str = ""
    first: str = ""
    last: str = ""
    service: str = ""
    sort: str = ""

    @classmethod
    def read(cls, args: Mapping[str, str]) -> "Filters":
        """Take them as they stand in a URL."""
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
        """Only what narrows or sorts, for a URL."""
        asked = {_IN_URL.get(name, name): value for name, value in asdict(self).items()}
        return {name: value for name, value in (asked | changed).items() if value}

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day asked for, each None where none is, or none that can be read."""
        return day_of(self.first), day_of(self.last)

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with the days, by the name of their field."""
        wrong = {
            name: UNREADABLE for name, typed in (("from", self.first), ("to", self.last)) if typed and not day_of(typed)
        }
        first, last = self.days
        return wrong | ({"to": TURNED} if first and last and last < first else {})

    @property
    def narrows(self) -> bool:
        """Whether anything is left out; an order leaves out nothing."""
        return bool(self.query(sort=""))


def tidy(text: str, longest: int) -> str:
    """What was typed, on one line and not too long."""
    return " ".join(text.replace("\0", " ").split())[:longest]


def day_of(typed: str) -> date | None:
    """The day that was typed; None for what is none."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 9000 else None  # Beyond, zones and databases have no such moment.


def midnight(day: date) -> datetime:
    """Where a day begins, in the business's time zone."""
    return datetime.combine(day, time.min, current().zone)


def today() -> datetime:
    """Where today begins, in the business's time zone."""
    return midnight(clock.now().astimezone(current().zone).date())


def conditions(filters: Filters) -> list[ColumnElement[bool]]:
    """All that a list asks of its bookings."""
    return [*in_status(filters.status), *beside_status(filters)]


def in_status(status: str) -> list[ColumnElement[bool]]:
    """What one chip asks: a status, or something of the booking's that waits for a person."""
    if status in WAITING:
        return [Booking.id.in_(WAITING[status]())]
    return [Booking.status == BookingStatus(status)] if status else []


def beside_status(filters: Filters) -> list[ColumnElement[bool]]:
    """What a list asks, whichever chip is chosen."""
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
    """A payment that waits to be verified; literal, so that a partial index may fit."""
    return Payment.status == literal_words(PaymentState.SUBMITTED)[0]


def _failed() -> Select[int | None]:
    """A message that failed and that nobody has resolved; literal for the partial index of these."""
    return select(Message.booking_id).where(
        Message.status == literal_words(MessageStatus.FAILED)[0],
        Message.resolved_at.is_(None),
        Message.booking_id.is_not(None),
    )


def _replied() -> Select[int | None]:
    return select(Reply.booking_id).where(Reply.handled_at.is_(None), Reply.booking_id.is_not(None))


# The bookings of which something else than their status waits for a person.
WAITING: dict[str, Callable[[], Select[Any]]] = {TO_VERIFY: _to_verify, FAILED: _failed, REPLIED: _replied}


def quick_days() -> dict[str, tuple[str, str]]:
    """The days that are asked for most, as first and last."""
    day = today().date()
    spans = {"Today": (0, 0), "Tomorrow": (1, 1), "Next 7 days": (0, 6)}
    return {"Any day": ("", "")} | {
        label: ((day + timedelta(days=first)).isoformat(), (day + timedelta(days=last)).isoformat())
        for label, (first, last) in spans.items()
    }
