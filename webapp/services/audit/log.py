"""The audit log as admins read it: newest first, by filters, a page at a time, each act with what it changed.

A page is found by its ids (keyset), and so is a day: ids grow with time, so that the first id of a moment is found by
halving, some twenty reads of the primary key, and no index on the time is needed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select

from webapp import words
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus, PaymentState, User
from webapp.services import keyset, search
from webapp.services.keyset import Keyset
from webapp.services.parsing.fields import row_id
from webapp.settings import current

PAGE = 50
NEWEST_FIRST = Keyset((Audit.id,), falls=True)
FEW = 500  # A reference that fits more bookings than these is too short to search by.
PROGRAMS = "programs"  # API keys, commands and Bellhop itself: who is not a person.
# Ids are given before a row is committed: two acts of the same moment may stand in either order.
SLACK = timedelta(minutes=2)


@dataclass(frozen=True)
class Filters:
    """What a page's address asks for; what it does not name, or names wrongly, is not narrowed."""

    who: str = ""  # A person's id, or PROGRAMS.
    act: Action | None = None
    first: date | None = None
    last: date | None = None  # Included.
    reference: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Read an address's query."""
        who, act = query.get("who", ""), query.get("act", "")
        return cls(
            who if who == PROGRAMS or row_id(who) else "",
            Action(act) if act in list(Action) else None,
            _day(query.get("from", "")),
            _day(query.get("to", "")),
            query.get("booking", "").replace("\x00", "").strip()[:40],
        )

    def query(self, **changes: Any) -> dict[str, str]:
        """The query that asks for these, changed here and there; None takes a filter away."""
        asked = replace(self, **changes)
        pairs = {"who": asked.who, "act": asked.act, "from": asked.first, "to": asked.last, "booking": asked.reference}
        return {name: str(value) for name, value in pairs.items() if value}


@dataclass(frozen=True)
class Line:
    """One act, with the reference of its booking if it was about one."""

    act: Audit
    reference: str | None


Page = keyset.Page[Line, int]


@dataclass(frozen=True)
class Change:
    """One thing that an act changed or said: from what, where that is known, to what."""

    label: str
    after: str
    before: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}" if self.before else f"{self.label}: {self.after}"


def page(filters: Filters, *, before: int | None = None, after: int | None = None) -> Page:
    """Returns the acts that are older than `before`, or newer than `after`, or the newest."""
    acts = select(Audit, Booking.reference).outerjoin(Booking, Booking.id == Audit.booking_id).where(*_narrow(filters))

    def find(start: int | None, back: bool, most: int) -> list[Line]:
        rows = db.session.execute(NEWEST_FIRST.cut(acts, most, start, back=back))
        return [Line(act, reference) for act, reference in rows]

    return keyset.page(find, lambda line: line.act.id, PAGE, after=before, before=after)


def people() -> list[User]:
    """Everybody who may have acted, by name."""
    return list(db.session.scalars(select(User).order_by(User.name, User.id)))


def _narrow(filters: Filters) -> list[ColumnElement[bool]]:
    found = []
    if filters.who:
        found.append(Audit.user_id.is_(None) if filters.who == PROGRAMS else Audit.user_id == int(filters.who))
    if filters.act:
        found.append(Audit.action == filters.act)
    if filters.reference:
        found.append(Audit.booking_id.in_(_bookings(filters.reference)))
    if filters.first:
        start = _midnight(filters.first)
        found += [Audit.id >= _first_id(start - SLACK), Audit.at >= start]
    if filters.last:
        end = _midnight(filters.last + timedelta(days=1))
        found += [Audit.id < _first_id(end + SLACK), Audit.at < end]
    return found


def _bookings(reference: str) -> Sequence[int]:
    """The bookings whose reference begins so; in capitals too, for that is how ours are."""
    begins = [search.begins(Booking.reference, form) for form in {reference, reference.upper()}]
    return [n for begin in begins for n in db.session.scalars(select(Booking.id).where(begin).limit(FEW))]


def _first_id(moment: datetime) -> int:
    """The id from which acts are of that moment or later, found by halving the range of ids."""
    # Two reads: asked for both at once SQLite would walk the whole table.
    low = db.session.scalar(select(func.min(Audit.id))) or 0
    high = (db.session.scalar(select(func.max(Audit.id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        nearest = select(Audit.id, Audit.at).where(Audit.id >= middle).order_by(Audit.id).limit(1)
        row = db.session.execute(nearest).one_or_none()
        if row is None or row.at >= moment:
            high = middle
        else:
            low = row.id + 1
    return low


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=current().zone)


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 1970 <= day.year <= 2200 else None


# What is kept for the house's own use and says nothing to a reader.
SILENT = ("version", "act", "person", "key", "rows")
# Whatever is kept as a word of the code, in the words of staff.
SPOKEN = {
    word: spoken.label
    for table in (words.CHANNEL, words.EVENT, words.ROLE, words.PAYMENT, words.BOOKING)
    for word, spoken in table.items()
}
BECAME = {
    Action.BOOKING_CONFIRMED: BookingStatus.CONFIRMED,
    Action.BOOKING_DECLINED: BookingStatus.DECLINED,
    Action.BOOKING_CANCELLED: BookingStatus.CANCELLED,
    Action.BOOKING_COMPLETED: BookingStatus.COMPLETED,
    Action.BOOKING_NO_SHOW: BookingStatus.NO_SHOW,
    Action.PAYMENT_VERIFIED: PaymentState.VERIFIED,
    Action.PAYMENT_REJECTED: PaymentState.REJECTED,
    Action.PAYMENT_REVERSED: PaymentState.REVERSED,
}


def changes(act: Audit) -> list[Change]:
    """What an act changed or said, readable; `[old, new]` and `{"from", "to"}` are read as a change."""
    table = words.PAYMENT if act.payment_id else words.BOOKING
    found = []
    if (was := table.get(act.detail.get("before", ""))) and act.action in BECAME:
        found.append(Change("Status", table[BECAME[act.action]].label, was.label))
    rest = {name: value for name, value in act.detail.items() if name not in (*SILENT, "before")}
    return found + list(_told(rest))


def _told(detail: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in detail.items():
        label = name.replace("_", " ")
        label = label[:1].upper() + label[1:]
        if isinstance(value, Mapping) and value.keys() != {"from", "to"}:
            yield from _told(value)
        elif isinstance(value, Mapping):
            yield Change(label, _said(value["to"]), _said(value["from"]))
        elif isinstance(value, list) and len(value) == 2:
            yield Change(label, _said(value[1]), _said(value[0]))
        elif value not in ("", None, [], {}):
            yield Change(label, ", ".join(map(_said, value)) if isinstance(value, list) else _said(value))


def _said(value: Any) -> str:
    """A value as staff read it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "nothing" if value in ("", None, []) else SPOKEN.get(str(value), str(value))
