"""The audit log as admins read it: newest first, by filters, a page at a time, each act with what it changed.

A page is found by its ids (keyset), and so is a day: ids grow with time, so the first id of a moment is found by
halving the range of ids, in some twenty reads of the primary key. An index on the time would make the planner sort.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from webapp import words
from webapp.extensions import db
from webapp.i18n import N_, full, gettext
from webapp.models import Action, Audit, Booking, User
from webapp.services import keyset, search
from webapp.services.keyset import Keyset
from webapp.services.parsing.fields import row_id
from webapp.settings import current

PAGE = 50
READ, MOST_READS = 200, 50  # Acts of one read, and reads of one page: an import is one line of many acts.
SHOWN = 100  # Bookings of an import that its line lists.
NEWEST_FIRST = Keyset((Audit.id,), falls=True)
FEW = 500  # A reference that fits more bookings than these is too short to search by.
PROGRAMS = "programs"  # API keys, commands and Bellhop itself.
# Ids are given before the commit: two acts of the same moment may be in either order.
SLACK = timedelta(minutes=2)


@dataclass(frozen=True)
class Filters:
    """The filters in a page's address. A filter that is missing or wrong does not narrow the log."""

    who: str = ""  # A person's id, or PROGRAMS.
    act: Action | None = None
    first: date | None = None
    last: date | None = None  # Included.
    reference: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Returns the filters of an address."""
        who, act = query.get("who", ""), query.get("act", "")
        return cls(
            who if who == PROGRAMS or row_id(who) else "",
            Action(act) if act in list(Action) else None,
            _day(query.get("from", "")),
            _day(query.get("to", "")),
            query.get("booking", "").replace("\x00", "").strip()[:40],
        )

    def query(self) -> dict[str, str]:
        """Returns the query that asks for these filters."""
        pairs = {"who": self.who, "act": self.act, "from": self.first, "to": self.last, "booking": self.reference}
        return {name: str(value) for name, value in pairs.items() if value}


@dataclass(frozen=True)
class Line:
    """One act, with the reference of its booking if it has one; or all acts of one import in a row."""

    act: Audit  # The newest of them.
    reference: str | None
    oldest: int  # Its id.
    added: tuple[str, ...] = ()  # The references of the bookings that an import added; the newest ones.
    count: int = 0  # How many it added.


Page = keyset.Page[Line, int]


@dataclass(frozen=True)
class Change:
    """One detail of an act; a change has a value from before."""

    name: str
    label: str
    after: str
    before: str = ""

    def __str__(self) -> str:
        return f"{self.label}: {self.before} → {self.after}" if self.before else f"{self.label}: {self.after}"


def page(filters: Filters, *, before: int | None = None, after: int | None = None) -> Page:
    """Returns the acts that are older than `before`, or newer than `after`, or the newest."""
    acts = select(Audit, Booking.reference).outerjoin(Booking, Booking.id == Audit.booking_id).where(*_narrow(filters))

    def find(start: tuple[int, int] | None, back: bool, most: int) -> list[Line]:
        place = start and start[0 if back else 1]
        runs: list[list[Row[Audit, str | None]]] = []
        for _ in range(MOST_READS):
            rows = db.session.execute(NEWEST_FIRST.cut(acts, READ, place, back=back)).all()
            for row in rows:
                if runs and _same_import(runs[-1][-1][0], row[0]):
                    runs[-1].append(row)
                else:
                    runs.append([row])
            if len(runs) > most or len(rows) < READ:
                break
            place = rows[-1][0].id
        return [_line(run[::-1] if back else run) for run in runs[:most]]

    found = keyset.page(find, _place, PAGE, after=_pair(before), before=_pair(after))
    return Page(found.rows, found.previous and found.previous[0], found.next and found.next[1])


def _place(line: Line) -> tuple[int, int]:
    return line.act.id, line.oldest


def _pair(place: int | None) -> tuple[int, int] | None:
    return None if place is None else (place, place)


def _same_import(one: Audit, other: Audit) -> bool:
    """Whether two neighbours in the log belong to one import of bookings."""
    upload, acts = one.detail.get("upload"), {one.action, other.action}
    is_same = upload is not None and upload == other.detail.get("upload") and one.actor == other.actor
    return is_same and acts <= {Action.BOOKING_CREATED, Action.BOOKINGS_IMPORTED}


def _line(run: Sequence[Row[Audit, str | None]]) -> Line:
    newest, reference = run[0]
    if len(run) == 1:
        return Line(newest, reference, newest.id)
    added = [reference for _, reference in run if reference]
    return Line(newest, None, run[-1][0].id, tuple(added[:SHOWN]), len(added))


def people() -> list[User]:
    """Returns everybody who may have acted, by name."""
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
    """Returns the ids of bookings whose reference begins so, also in capitals, as ours are."""
    begins = [search.begins(Booking.reference, form) for form in {reference, reference.upper()}]
    return [n for begin in begins for n in db.session.scalars(select(Booking.id).where(begin).limit(FEW))]


def _first_id(moment: datetime) -> int:
    """Returns the first id of that moment or later, found by halving the range of ids."""
    # Two reads: SQLite would walk the whole table for both at once.
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


# Details for the code alone.
SILENT = ("version", "act", "person", "key", "rows", "before", "kept", "decided_at", "part_of", "failures", "news")
# The names of details as staff read them; a name that is not here is shown as it is.
LABELS = {
    "brought_back": N_("Brought back"), "channel": N_("Channel"), "channels": N_("Channels"), "choice": N_("Choice"),
    "closed": N_("Closed"), "email": N_("E-mail"), "event": N_("Event"), "filters": N_("Filters"), "found": N_("Found"),
    "how": N_("How"), "language": N_("Language"), "lanes": N_("Guests"), "link": N_("Link"), "may log in": N_("Active"),
    "name": N_("Name"), "note": N_("Note"), "order": N_("Order"), "party_size": N_("Party size"), "phone": N_("Phone"),
    "reason": N_("Reason"), "replies": N_("Replies"), "role": N_("Role"), "service": N_("Service"),
    "since": N_("Since"), "starts_at": N_("Starts at"), "subject": N_("Subject"), "template": N_("Template"),
    "text": N_("Text"), "until": N_("Until"), "variables": N_("Variables"), "why": N_("Reason"),
    "wording": N_("Wording"), "worker": N_("Worker"),
    "business_name": N_("Name"), "business_phone": N_("Phone"), "business_colour": N_("Colour"),
    "timezone": N_("Time zone"), "default_currency": N_("Currency"), "undo_seconds": N_("Seconds to undo"),
    "default_phone_region": N_("Country of phone numbers"), "sms_part_price": N_("Price of one SMS part"),
    "sms_price_currency": N_("Currency of that price"), "alert_emails": N_("Who is told by e-mail"),
}  # fmt: skip
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d:\d\d|Z)$")
# Words of the code, and of roles, that are kept as values.
WORDS = {
    key: word
    for table in (words.CHANNEL, words.EVENT, words.ROLE, words.PAYMENT, words.BOOKING)
    for key, word in table.items()
}
WORDS |= {word.text: word for word in words.ROLE.values()}


def changes(act: Audit) -> list[Change]:
    """Returns what an act changed, for a page. `[old, new]` and `{"from", "to"}` of its details are changes."""
    table = words.PAYMENT if act.payment_id else words.BOOKING
    # An action is named after the status that it leads to: booking_confirmed.
    before, after = table.get(act.detail.get("before", "")), table.get(act.action.partition("_")[2])
    found = [Change("status", gettext("Status"), after.label, before.label)] if before and after else []
    return found + list(_read({name: value for name, value in act.detail.items() if name not in SILENT}))


def _read(detail: Mapping[str, Any]) -> Iterator[Change]:
    for name, value in detail.items():
        label = gettext(LABELS.get(name, name.replace("_", " ").capitalize()))
        if isinstance(value, Mapping) and value.keys() != {"from", "to"}:
            yield from _read(value)
        elif isinstance(value, Mapping):
            yield Change(name, label, _value(value["to"]), _value(value["from"]))
        elif isinstance(value, list) and len(value) == 2:
            yield Change(name, label, _value(value[1]), _value(value[0]))
        elif value not in ("", None, [], {}):
            yield Change(name, label, ", ".join(map(_value, value)) if isinstance(value, list) else _value(value))


def _value(value: Any) -> str:
    if isinstance(value, bool) or value in ("yes", "no"):
        return gettext("yes") if value not in (False, "no") else gettext("no")
    if value in ("", None, []):
        return gettext("nothing")
    if isinstance(value, str) and MOMENT.match(value):
        return full(datetime.fromisoformat(value))
    return WORDS[value].label if isinstance(value, str) and value in WORDS else str(value)
