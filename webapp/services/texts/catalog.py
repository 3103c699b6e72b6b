"""The texts as admins see them: which texts there are, which are edited, and how each reads."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel import Locale
from sqlalchemy import ColumnElement, func, select

from webapp import words
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.i18n import ENGLISH, gettext
from webapp.models import ChannelName, Event, TextVersion, WhatsAppTemplate
from webapp.services.texts import mail_html, rendering, sample, sms_parts, validation
from webapp.services.texts.languages import name_of
from webapp.services.texts.mail_html import Block
from webapp.services.texts.overrides import Wording
from webapp.services.texts.rendering import FALLBACK, FOLDER, Text
from webapp.services.texts.sms_parts import Segments
from webapp.words import Word

MOST_VERSIONS = 50  # In a history; older ones stay in the database.


@dataclass(frozen=True)
class Place:
    """Names one text: its event, its channel, its language."""

    event: Event
    channel: ChannelName
    language: str

    @property
    def key(self) -> tuple[Event, ChannelName, str]:
        return self.event, self.channel, self.language

    @property
    def label(self) -> str:
        """The same in English words, as the audit log keeps it."""
        language = name_of(self.language, Locale(ENGLISH))
        return f"{words.EVENT[self.event].text}, {words.CHANNEL[self.channel].text}, {language}"


@dataclass(frozen=True)
class Cell:
    """One text in the table: its state, and the version in force if somebody changed it."""

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
    warning: str = ""  # The text can be sent, and may say something else than its author means.
    cost: str = ""  # Of one such SMS, in money; empty if no price is set.


def place(event: str, channel: str, language: str) -> Place:
    """Returns the text that an address names.

    Raises:
        NotFound: there is none.
    """
    if event not in list(Event) or channel not in list(ChannelName) or language not in languages():
        raise NotFound(gettext("There is no such text."))
    return Place(Event(event), ChannelName(channel), language)


def built_in_languages() -> set[str]:
    """Returns the languages in which texts came with Bellhop."""
    return {folder.name for event in Event for folder in (FOLDER / event).iterdir()}


def languages() -> list[str]:
    """Returns English, then the other languages that texts came in or were added in, by name."""
    added = set(db.session.scalars(select(TextVersion.language).distinct()))
    return [FALLBACK, *sorted((built_in_languages() | added) - {FALLBACK}, key=name_of)]


def matrix(language: str) -> dict[Event, list[Cell]]:
    """Returns a language's texts by event, in the order of the channels. Two queries read them all."""
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
    if version is not None and not version.is_built_in:
        state = "edited"
    else:
        state = "built_in" if rendering.is_built_in(place.event, place.language) else "english"
    return Cell(place, words.TEXT[state], version, sid if place.channel.needs_template else "")


def is_of(place: Place) -> list[ColumnElement[bool]]:
    """Returns the condition for the versions of one text."""
    return [
        TextVersion.event == place.event,
        TextVersion.channel == place.channel,
        TextVersion.language == place.language,
    ]


def history(place: Place) -> Sequence[TextVersion]:
    """Returns the versions of a text, newest first."""
    versions = select(TextVersion).where(*is_of(place)).order_by(TextVersion.id.desc())
    return db.session.scalars(versions.limit(MOST_VERSIONS)).all()


def preview(place: Place, wording: Wording) -> Preview:
    """Fill a text with the example booking, as its message would be filled."""
    if errors := validation.problems(wording, *place.key):
        return Preview(errors)
    text = rendering.fill(wording, place.channel, place.language, sample.values(place.event, place.language))
    warning = validation.warning(wording, place.event)
    if place.channel.has_subject:
        return Preview({}, text, mail_html.blocks(text.body), warning=warning)
    if not place.channel.is_charged_by_part:
        return Preview({}, text, warning=warning)
    segments = sms_parts.count(text.body)
    return Preview({}, text, segments=segments, warning=warning, cost=sms_parts.cost(segments.parts))
