"""How far the news of a booking came, in the words of a clerk: as a row's badge, and as the line on its page."""

from collections.abc import Iterable
from dataclasses import dataclass

from webapp import words
from webapp.channels.reasons import explain
from webapp.i18n import gettext, listed
from webapp.models import ChannelName, Message, MessageStatus
from webapp.services.messages.reached import News, Reached
from webapp.words import Word


@dataclass(frozen=True)
class Line:
    """The line on top of a booking's page."""

    word: Word  # Its tone and icon.
    event: Word
    sentence: str
    others: list[str]  # Why it did not come by another channel.
    helps: str = ""


def badge(news: News) -> Word:
    """Returns the word for a row. What is tried again and what only waits look different from what went out."""
    word = words.REACHED[news.state]
    if news.state is not Reached.ON_THE_WAY:
        return word
    still = [message for message in news.messages if message.is_open]
    if any(message.tries_used for message in still):
        return Word(word.text, "warn", "refresh")
    is_held = still and all(message.status is MessageStatus.WAITING for message in still)
    return Word(word.text, "mute", "hourglass") if is_held and not _taken(news) else word


def line(news: News) -> Line:
    """Returns the line for a page."""
    lost = [message for message in news.ended if message.is_unresolved] if news.state is Reached.NOT_REACHED else []
    helps = explain(lost[-1].channel, lost[-1].error_code).helps if lost else ""
    others = [_why(message) for message in news.ended if message.error_code and message is not news.closed]
    return Line(badge(news), words.EVENT[news.event], _sentence(news), others, helps)


def _sentence(news: News) -> str:
    match news.state:
        case Reached.NOT_REACHED:
            return gettext("Not reached")
        case Reached.NOTHING:
            return gettext("Nothing was sent")
        case Reached.REACHED if news.closed is not None:
            return _dealt_with(news.closed)
        case Reached.REACHED:
            return gettext("Reached by %(channels)s", channels=_labels(news.arrived))
    return _on_the_way(news)


def _dealt_with(closed: Message) -> str:
    person, note, told = closed.resolved_by, closed.resolved_note, words.TOLD.get(closed.resolved_how)
    if told and note:
        return gettext("%(person)s %(told)s: %(note)s", person=person, told=told.label, note=note)
    if told:
        return gettext("%(person)s %(told)s", person=person, told=told.label)
    if note:
        return gettext("Dealt with by %(person)s: %(note)s", person=person, note=note)
    return gettext("Dealt with by %(person)s", person=person)


def _on_the_way(news: News) -> str:
    if taken := _taken(news):
        return gettext("Sent by %(channels)s, not confirmed yet", channels=_labels(taken))
    still = [message.channel for message in news.messages if message.is_open]
    return gettext("On the way by %(channels)s", channels=_labels(still)) if still else gettext("On the way")


def _taken(news: News) -> list[ChannelName]:
    return [message.channel for message in news.messages if message.was_taken]


def _labels(channels: Iterable[ChannelName]) -> str:
    return listed(words.CHANNEL[channel].label for channel in dict.fromkeys(channels))


def _why(message: Message) -> str:
    channel, reason = words.CHANNEL[message.channel].label, explain(message.channel, message.error_code).text
    return gettext("%(channel)s: %(reason)s", channel=channel, reason=reason)
