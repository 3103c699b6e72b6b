"""What the delivery board may be narrowed to, as its address says it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal, TypeVar

from webapp import words
from webapp.channels.reasons import explain
from webapp.models import ChannelName, Event, MessageStatus
from webapp.services.bookings.filters import TURNED, UNREADABLE, day_of, midnight, tidy

RESOLVED: Final = "resolved"  # A failure that somebody has closed; it is found again by this.
BOOKINGS, MESSAGES = "bookings", "messages"
LONGEST_TEXT, LONGEST_DAY, LONGEST_CODE = 100, 20, 60
Status = MessageStatus | Literal["resolved"]
Member = TypeVar("Member", bound=str)
# As the address calls them.
_FIELDS = {
    "status": "status", "channel": "channel", "event": "event", "cause": "cause", "first": "from", "last": "to",
    "text": "q", "view": "view",
}  # fmt: skip
NARROWING = tuple(name for name in _FIELDS if name != "view")


@dataclass(frozen=True)
class Filters:
    """What a page's address asks for; what it does not name, or names wrongly, is not narrowed.

    Days are kept as they were typed, so that a wrong one can be shown beside what is wrong with it.
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
        """Read an address's query. A cause without a status asks for the failures that have it."""
        cause = tidy(query.get("cause", ""), LONGEST_CODE)
        asked = query.get("status")
        status: Status | None = RESOLVED if asked == RESOLVED else _one_of(MessageStatus, asked)
        return cls(
            status=status or (MessageStatus.FAILED if cause else None),
            channel=_one_of(ChannelName, query.get("channel")),
            event=_one_of(Event, query.get("event")),
            text=query.get("q", "").replace("\x00", "").strip()[:LONGEST_TEXT],
            cause=cause,
            first=tidy(query.get("from", ""), LONGEST_DAY),
            last=tidy(query.get("to", ""), LONGEST_DAY),
            view=MESSAGES if query.get("view") == MESSAGES else "",
        )

    def query(self, **changes: Any) -> dict[str, str]:
        """The query that asks for these, changed here and there; None takes a filter away."""
        asked = replace(self, **changes)
        values = {field: getattr(asked, name) for name, field in _FIELDS.items()}
        return {field: str(value) for field, value in values.items() if value}

    @property
    def narrowed(self) -> list[str]:
        """The names of what narrows the list."""
        return [name for name in NARROWING if getattr(self, name)]

    @property
    def said(self) -> dict[str, str]:
        """What narrows the list, in words; both days stand under the name of the first."""
        words_of: dict[str, Callable[[], str]] = {
            "status": lambda: "Resolved" if self.status == RESOLVED else words.MESSAGE[str(self.status)].label,
            "channel": lambda: words.CHANNEL[str(self.channel)].label,
            "event": lambda: words.EVENT[str(self.event)].label,
            "cause": self.cause_in_words,
            "first": self._days_in_words,
            "last": self._days_in_words,
            "text": lambda: f"“{self.text}”",
        }
        named = dict.fromkeys("first" if name == "last" else name for name in self.narrowed)
        return {name: words_of[name]() for name in named}

    def without(self, name: str) -> "Filters":
        """The same with one filter taken away; the days go together."""
        dropped = dict.fromkeys(("first", "last") if name == "first" else (name,), "")
        return Filters.read(self.query(**dropped))

    def cause_in_words(self) -> str:
        """The cause as staff read it."""
        return explain(self.channel, self.cause).text

    def _days_in_words(self) -> str:
        first, last = (f"{day.day} {day:%b %Y}" if day else "…" for day in self.days)
        return first if first == last else f"{first} – {last}"

    @property
    def by_booking(self) -> bool:
        """Whether the list has a row for each booking, else one for each message."""
        return self.view != MESSAGES

    @property
    def days(self) -> tuple[date | None, date | None]:
        """The first and the last day asked for, each None where none is, or none that can be read."""
        return day_of(self.first), day_of(self.last)

    @property
    def span(self) -> tuple[datetime | None, datetime | None]:
        """From when, and before when, a message first fell due."""
        first, last = self.days
        return midnight(first) if first else None, midnight(last + timedelta(days=1)) if last else None

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong with the days, by the name of their field."""
        typed = (("from", self.first), ("to", self.last))
        wrong = {name: UNREADABLE for name, text in typed if text and not day_of(text)}
        first, last = self.days
        return wrong | ({"to": TURNED} if first and last and last < first else {})


def _one_of(members: Iterable[Member], value: str | None) -> Member | None:
    return next((member for member in members if member == value), None)
