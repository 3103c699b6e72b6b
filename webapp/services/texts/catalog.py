"""Message texts as admins see them: which there are, how each stands, and how it will read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from webapp import words
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.models import ChannelName, Event, TextVersion, WhatsAppTemplate
from webapp.services.texts import mail_html, rendering, sample, validation
from webapp.services.texts import sms_parts as segments
from webapp.services.texts.languages import name_of
from webapp.services.texts.mail_html import Block
from webapp.services.texts.rendering import FALLBACK, FOLDER, Text, Wording
from webapp.services.texts.sms_parts import Segments
from webapp.words import Word

SHOWN = 50  # Versions in a history; older ones stay in the database.


@dataclass(frozen=True)
class Place:
    """Which text: of an event, on a channel, in a language."""

    event: Event
    channel: ChannelName
    language: str

    @property
    def key(self) -> tuple[Event, ChannelName, str]:
        return self.event, self.channel, self.language

    @property
    def label(self) -> str:
        """The same in words."""
        return f"{words.EVENT[self.event].label}, {words.CHANNEL[self.channel].label}, {name_of(self.language)}"


@dataclass(frozen=True)
class Cell:
    """How one text stands: its word, and the version in force where somebody changed it."""

    place: Place
    word: Word
    version: TextVersion | None
    content_sid: str = ""


@dataclass(frozen=True)
class Preview:
    """How a text reads with the example booking, or why it cannot be sent."""

    errors: Mapping[str, str]
    text: Text | None = None
    blocks: Sequence[Block] = ()
    segments: Segments | None = None
    warning: str = ""  # What can be sent, and may not be meant so.
    cost: str = ""  # Of one such SMS, in money; empty where SMS_PART_PRICE is not set.


def place(event: str, channel: str, language: str) -> Place:
    """The text of an address.

    Raises:
        NotFound: there is none.
    """
    if event not in list(Event) or channel not in list(ChannelName) or language not in languages():
        raise NotFound("There is no such text.")
    return Place(Event(event), ChannelName(channel), language)


def built_in_languages() -> set[str]:
    """Returns the languages in which texts came with Bellhop."""
    return {folder.name for event in Event for folder in (FOLDER / event).iterdir()}


def languages() -> list[str]:
    """Returns English, then the other languages that texts came in or were added in."""
    added = set(db.session.scalars(select(TextVersion.language).distinct()))
    return [FALLBACK, *sorted((built_in_languages() | added) - {FALLBACK}, key=name_of)]


def matrix(language: str) -> dict[Event, list[Cell]]:
    """Every event with its channels; two reads for all of them."""
    newest = select(func.max(TextVersion.id)).where(TextVersion.language == language)
    grouped = newest.group_by(TextVersion.event, TextVersion.channel)
    versions = {
        (v.event, v.channel): v for v in db.session.scalars(select(TextVersion).where(TextVersion.id.in_(grouped)))
    }
    templates = select(WhatsAppTemplate).where(WhatsAppTemplate.language == language)
    sids = {row.event: row.content_sid for row in db.session.scalars(templates)}
    return {
        event: [
            _cell(Place(event, channel, language), versions.get((event, channel)), sids.get(event, ""))
            for channel in ChannelName
        ]
        for event in Event
    }


def _cell(place: Place, version: TextVersion | None, sid: str) -> Cell:
    is_edited = version is not None and not version.is_built_in
    state = "edited" if is_edited else "built_in" if rendering.is_built_in(place.event, place.language) else "english"
    return Cell(place, words.TEXT[state], version, sid if place.channel is ChannelName.WHATSAPP else "")


def at(place: Place) -> list[ColumnElement[bool]]:
    """The condition for the versions of one text."""
    return [
        TextVersion.event == place.event,
        TextVersion.channel == place.channel,
        TextVersion.language == place.language,
    ]


def history(place: Place) -> Sequence[TextVersion]:
    """The versions of a text, newest first."""
    of_place = select(TextVersion).where(*at(place))
    return db.session.scalars(of_place.order_by(TextVersion.id.desc()).limit(SHOWN)).all()


def preview(place: Place, wording: Wording) -> Preview:
    """Fill a text with the example booking, as its message would be."""
    if errors := validation.problems(wording, *place.key):
        return Preview(errors)
    text = rendering.fill(wording, place.channel, place.language, sample.values(place.event, place.language))
    warning = validation.warning(wording, place.event)
    if place.channel is ChannelName.EMAIL:
        return Preview({}, text, mail_html.blocks(text.body), warning=warning)
    if place.channel is not ChannelName.SMS:
        return Preview({}, text, warning=warning)
    counted = segments.count(text.body)
    return Preview({}, text, segments=counted, warning=warning, cost=segments.cost(counted.parts))
