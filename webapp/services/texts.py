"""Rendering what a guest reads, from `templates/texts/<event>/<language>/`, in a sandbox.

Only plain strings go in, a missing name is an error, and the result is frozen in the message's row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from jinja2 import FileSystemLoader, StrictUndefined, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from webapp.models import Booking, ChannelName, Event
from webapp.settings import ROOT, current

FOLDER = ROOT / "templates" / "texts"
FALLBACK = "en"


@dataclass(frozen=True)
class Text:
    """One rendered message."""

    body: str
    subject: str = ""
    html: str = ""


@lru_cache(maxsize=2)
def _environment(escape: bool) -> ImmutableSandboxedEnvironment:
    loader = FileSystemLoader(FOLDER)
    return ImmutableSandboxedEnvironment(loader=loader, undefined=StrictUndefined, autoescape=escape)


def language_of(event: Event, wanted: str) -> str:
    """The wanted language where the event has texts in it, else English."""
    plain = wanted if wanted.replace("-", "").isalnum() else FALLBACK
    return plain if (FOLDER / event / plain).is_dir() else FALLBACK


# What the texts of an event may name; a test message is about no booking.
PLACEHOLDERS = ("name", "reference", "service", "when", "party_size", "amount", "reason", "business")
TEST_PLACEHOLDERS = ("name", "reference", "business")


def known(event: Event) -> tuple[str, ...]:
    """The placeholders that a text of this event may use."""
    return TEST_PLACEHOLDERS if event is Event.TEST else PLACEHOLDERS


def facts(booking: Booking, *, reason: str = "") -> dict[str, str]:
    """The values of PLACEHOLDERS."""
    return {
        "name": _one_line(booking.name),
        "reference": booking.reference,
        "service": _one_line(booking.service),
        "when": when(booking.starts_at),
        "party_size": str(booking.party_size),
        "amount": f"{booking.amount:.2f} {booking.currency}",
        "reason": _one_line(reason),
        "business": current().business_name,
    }


def when(moment: datetime) -> str:
    """A moment as guests read it, in the business's time zone."""
    local = moment.astimezone(current().zone)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def render(event: Event, channel: ChannelName, language: str, values: Mapping[str, str]) -> Text:
    """Render one message's text."""
    folder = f"{event}/{language}"
    if channel is not ChannelName.EMAIL:
        return Text(_fill(f"{folder}/{channel}.txt", values))
    subject = _one_line(_fill(f"{folder}/subject.txt", values))
    html = _environment(True).get_template(f"{folder}/body.html").render(values)
    return Text(_fill(f"{folder}/body.txt", values), subject, html)


def _fill(path: str, values: Mapping[str, str]) -> str:
    return _environment(False).get_template(path).render(values).strip()


def placeholders(event: Event, channel: ChannelName, language: str) -> list[str]:
    """The names that a text uses, in the order of their first use."""
    source = (FOLDER / event / language / f"{channel}.txt").read_text()
    found = [name.name for name in _environment(False).parse(source).find_all(nodes.Name)]
    return list(dict.fromkeys(found))
