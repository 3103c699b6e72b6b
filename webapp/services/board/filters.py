"""The filters of the delivery board, as its URL names them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeVar

from webapp import i18n, words
from webapp.channels.reasons import explain
from webapp.i18n import gettext
from webapp.models import ChannelName, Event, MessageStatus
from webapp.services.bookings.filters import TURNED, UNREADABLE, day_of, midnight, tidy
from webapp.words import Word

RESOLVED: Final = "resolved"  # The filter for failures that somebody has resolved.
NOT_REACHED: Final = "not_reached"  # For failures whose guests no channel reached.
BOOKINGS, MESSAGES = "bookings", "messages"
LONGEST_TEXT, LONGEST_DAY, LONGEST_CODE = 100, 20, 60
Status = MessageStatus | Literal["resolved", "not_reached"]
Member = TypeVar("Member", bound=str)
# Their names in the URL.
_FIELDS = {
    "status": "status", "channel": "channel", "event": "event", "cause": "cause", "first": "from", "last": "to",
    "text": "q", "view": "view",
}  # fmt: skip
NARROWING = tuple(name for name in _FIELDS if name != "view")
IN_URL = tuple(_FIELDS[name] for name in NARROWING)


@dataclass(frozen=True)
class Filters:
    """The filters of a page's URL. A filter that is missing or wrong narrows nothing.

    Days are kept as they were typed, so that a wrong day can be shown beside its error.
    """

    status: Status | None = None
    channel: ChannelName | None = None
    event: Event | None = None
    text: str = ""
    cause: str = ""  # An error code.
    first: str = ""
    last: str = ""
    view: str = ""  # Empty: a row for each booking.

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """Read the query of a URL. A cause without a status asks for the failures with that cause."""
        cause = tidy(query.get("cause", ""), LONGEST_CODE)
        return cls(
            status=_status(query.get("status")) or (MessageStatus.FAILED if cause else None),
            channel=_one_of(ChannelName, query.get("channel")), event=_one_of(Event, query.get("event")),
            text=query.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT], cause=cause,
            first=tidy(query.get("from", ""), LONGEST_DAY), last=tidy(query.get("to", ""), LONGEST_DAY),
            view=MESSAGES if query.get("view") == MESSAGES else "",
        )  # fmt: skip

    def query(self, **changes: Any) -> dict[str, str]:
        """Returns the query for these filters with some changes; None removes a filter."""
        asked = replace(self, **changes)
        values = {field: getattr(asked, name) for name, field in _FIELDS.items()}
        return {field: str(value) for field, value in values.items() if value}

    @property
    def narrowed(self) -> list[str]:
        """The names of the filters that are set."""
        return [name for name in NARROWING if getattr(self, name)]

    @property
    def in_words(self) -> dict[str, str]:
        """The filters that are set, in words. Both days are under the name of the first."""
        words_of: dict[str, Callable[[], str]] = {
            "status": lambda: word_of(self.status or RESOLVED).label,
            "channel": lambda: words.CHANNEL[str(self.channel)].label,
            "event": lambda: words.EVENT[str(self.event)].label,
            "cause": self.cause_in_words,
            "first": self._days_in_words,
            "last": self._days_in_words,
            "text": lambda: gettext("“%(text)s”", text=self.text),
        }
        named = dict.fromkeys("first" if name == "last" else name for name in self.narrowed)
        return {name: words_of[name]() for name in named}

    def without(self, name: str) -> "Filters":
        """Returns the filters without one of them; the two days go together."""
        dropped = dict.fromkeys(("first", "last") if name == "first" else (name,), "")
        return Filters.read(self.query(**dropped))

    def cause_in_words(self) -> str:
        """Returns the cause in words."""
        return explain(self.channel, self.cause).text

    def _days_in_words(self) -> str:
        first, last = (i18n.day(day, year=True) if day else "…" for day in self.days)
        return first if first == last else f"{first} – {last}"

    @property
    def by_booking(self) -> bool:
        """Whether the list has a row for each booking, or for each message."""
        return self.view != MESSAGES

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day; None for a day that is missing or cannot be read."""
        return day_of(self.first), day_of(self.last)

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """The moments from which, and before which, a message was first due."""
        first, last = self.days
        return midnight(first) if first else None, midnight(last + timedelta(days=1)) if last else None

    @property
    def errors(self) -> dict[str, str]:
        """The errors of the days, by the name of their field."""
        typed = (("from", self.first), ("to", self.last))
        wrong = {name: gettext(UNREADABLE) for name, text in typed if text and not day_of(text)}
        first, last = self.days
        return wrong | ({"to": gettext(TURNED)} if first and last and last < first else {})


def word_of(status: Status) -> Word:
    """Returns the word of a status or of a filter beside them."""
    if status == RESOLVED:
        return words.RESOLVED
    return words.REACHED[status] if status == NOT_REACHED else words.MESSAGE[status]


def _status(asked: str | None) -> Status | None:
    if asked == RESOLVED:
        return RESOLVED
    return NOT_REACHED if asked == NOT_REACHED else _one_of(MessageStatus, asked)


def _one_of(members: Iterable[Member], value: str | None) -> Member | None:
    return next((member for member in members if member == value), None)
