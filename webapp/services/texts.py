"""Rendering what a guest reads, in a sandbox: the text that an admin wrote, else the built-in one.

Built-in texts stand in `templates/texts/<event>/<language>/`. Only plain strings go in, a missing name is an error,
and the result is frozen in the message's row.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from jinja2 import FileSystemLoader, StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from webapp.models import Booking, ChannelName, Event
from webapp.services import text_lookup, text_mail
from webapp.services.parsing.text import in_own_direction, one_line
from webapp.settings import ROOT, current

FOLDER = ROOT / "templates" / "texts"
FALLBACK = "en"
TYPED = ("name", "service", "reason", "business")  # By people, in any script.


@dataclass(frozen=True)
class Text:
    """One rendered message."""

    body: str
    subject: str = ""
    html: str = ""


@dataclass(frozen=True)
class Wording:
    """A text before it is filled in."""

    body: str
    subject: str = ""


@lru_cache(maxsize=2)
def _environment(escape: bool) -> ImmutableSandboxedEnvironment:
    loader = FileSystemLoader(FOLDER)
    return ImmutableSandboxedEnvironment(loader=loader, undefined=StrictUndefined, autoescape=escape)


@lru_cache(maxsize=500)
def _compiled(source: str) -> Template:
    """Compiling costs a millisecond, and a text that an admin wrote is used for months."""
    return _environment(False).from_string(source)


def language_of(event: Event, wanted: str) -> str:
    """The wanted language where the event has texts in it, else the one that it is a form of, else English."""
    plain = wanted if wanted.replace("-", "").isalnum() else FALLBACK
    return next((code for code in (plain, plain.partition("-")[0]) if _is_told_in(event, code)), FALLBACK)


def _is_told_in(event: Event, language: str) -> bool:
    return is_built_in(event, language) or bool(text_lookup.newest(event, language))


@lru_cache(maxsize=500)
def is_built_in(event: Event, language: str) -> bool:
    """Whether Bellhop came with texts of an event in a language."""
    return (FOLDER / event / language).is_dir()


def built_in(event: Event, channel: ChannelName, language: str) -> Wording:
    """The text that came with Bellhop; in English where it came with none in that language."""
    folder = FOLDER / event / (language if is_built_in(event, language) else FALLBACK)
    if channel is not ChannelName.EMAIL:
        return Wording((folder / f"{channel}.txt").read_text().strip())
    return Wording((folder / "body.txt").read_text().strip(), (folder / "subject.txt").read_text().strip())


def in_force(event: Event, channel: ChannelName, language: str) -> Wording:
    """The text that the next message gets."""
    edited = text_lookup.newest(event, language).get(channel)
    return Wording(edited.body, edited.subject) if edited else built_in(event, channel, language)


# What the texts of an event may name; a test message is about no booking.
PLACEHOLDERS = ("name", "reference", "service", "when", "party_size", "amount", "reason", "business")
TEST_PLACEHOLDERS = ("name", "reference", "business")


def known(event: Event) -> tuple[str, ...]:
    """The placeholders that a text of this event may use."""
    return TEST_PLACEHOLDERS if event is Event.TEST else PLACEHOLDERS


def facts(booking: Booking, *, reason: str = "") -> dict[str, str]:
    """The values of PLACEHOLDERS."""
    return {
        "name": one_line(booking.name),
        "reference": booking.reference,
        "service": one_line(booking.service),
        "when": when(booking.starts_at),
        "party_size": str(booking.party_size),
        "amount": f"{booking.amount:.2f} {booking.currency}",
        "reason": one_line(reason),
        "business": current().business_name,
    }


def when(moment: datetime) -> str:
    """A moment as guests read it, in the business's time zone."""
    local = moment.astimezone(current().zone)
    return f"{local:%A} {local.day} {local:%B %Y}, {local:%H:%M}"


def _one_line(text: str) -> str:
    """A filled-in text on one line, with the signs that hold its values' direction."""
    return " ".join(text.split())


def isolated(values: Mapping[str, str], language: str) -> dict[str, str]:
    """The values with what people typed held in its own direction, for a text of a language."""
    return {name: in_own_direction(value, language) if name in TYPED else value for name, value in values.items()}


def render(event: Event, channel: ChannelName, language: str, values: Mapping[str, str]) -> Text:
    """Render one message's text; one look-up serves all channels of an event and language."""
    edited = text_lookup.newest(event, language).get(channel)
    if edited is not None:
        return fill(Wording(edited.body, edited.subject), channel, language, values)
    language = language if is_built_in(event, language) else FALLBACK
    folder, values = f"{event}/{language}", isolated(values, language)
    if channel is not ChannelName.EMAIL:
        return Text(_fill(f"{folder}/{channel}.txt", values))
    subject = _one_line(_fill(f"{folder}/subject.txt", values))
    html = _environment(True).get_template(f"{folder}/body.html").render(values)
    return Text(_fill(f"{folder}/body.txt", values), subject, html)


def fill(wording: Wording, channel: ChannelName, language: str, values: Mapping[str, str]) -> Text:
    """Render a text that an admin wrote; an e-mail's HTML is made of its plain text."""
    title, values = values["reference"], isolated(values, language)
    body = _compiled(wording.body).render(values).strip()
    if channel is not ChannelName.EMAIL:
        return Text(body)
    body = text_mail.without_gaps(body)
    subject = _one_line(_compiled(wording.subject).render(values))
    return Text(body, subject, text_mail.html(body, title=title, language=language))


def _fill(path: str, values: Mapping[str, str]) -> str:
    return _environment(False).get_template(path).render(values).strip()


def placeholders(event: Event, channel: ChannelName, language: str) -> list[str]:
    """The names that the text in force uses, in the order of their first use."""
    source = in_force(event, channel, language).body
    found = [name.name for name in _environment(False).parse(source).find_all(nodes.Name)]
    return list(dict.fromkeys(found))
