"""The questions before an act on the whole queue: what it would do, in the numbers of now."""

from dataclasses import dataclass

from webapp import words
from webapp.errors import NotFound
from webapp.i18n import gettext, ngettext
from webapp.monitor import channels
from webapp.monitor.queue import queue_view
from webapp.services.queue import acts as queue_acts


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question: its words, and the form that answers it with yes."""

    name: str
    title: str
    lines: tuple[str, ...]
    verb: str
    icon: str
    endpoint: str
    is_possible: bool = True  # No button is shown if there is nothing to do.
    is_danger: bool = False
    wants_reason: bool = False


def question_named(name: str) -> Question:
    """Returns the question of this name.

    Raises:
        NotFound: there is none.
        Conflict: its figures cannot be counted now.
    """
    if name not in _ALL:
        raise NotFound(gettext("There is no such act."))
    return _ALL[name]()


def _bells() -> Question:
    lanes, bells = queue_acts.waiting_lanes(), queue_view().bells
    if lanes >= queue_acts.MOST_LANES:
        due = gettext("At least %(guests)s guests have a message that could go out now.", guests=lanes)
    else:
        due = ngettext(
            "%(num)s guest has a message that could go out now.",
            "%(num)s guests have a message that could go out now.",
            lanes,
        )
    if bells is None:
        known = gettext("It is not known how many wake-up calls wait in Redis already.")
    else:
        known = ngettext(
            "%(num)s wake-up call waits in Redis already.", "%(num)s wake-up calls wait in Redis already.", bells
        )
    return Question(
        name="bells",
        title=gettext("Wake the workers now?"),
        lines=(
            due if lanes else gettext("No message is due that could go out now."),
            known,
            gettext("Workers are woken every few seconds anyway; one call too many does no harm."),
            gettext("At most %(most)s guests are served at once, the longest due first.", most=queue_acts.MOST_LANES),
        ),
        verb=ngettext("Wake for %(num)s guest", "Wake for %(num)s guests", lanes),
        icon="bell",
        endpoint="queue_acts.ring",
        is_possible=lanes > 0,
    )


def _reply_keys() -> Question:
    found = queue_acts.reply_keys()
    if found.is_all:
        many = ngettext("%(num)s leftover key was found.", "%(num)s leftover keys were found.", found.orphans)
    else:
        many = gettext("At least %(keys)s leftover keys were found.", keys=found.orphans)
    return Question(
        name="reply-keys",
        title=gettext("Remove leftover Redis keys?"),
        lines=(
            many,
            gettext("They are lists of answers to a program that is gone. Nobody has touched them for a minute."),
            gettext("No message and no wake-up call is among them. They are also removed every minute."),
        ),
        verb=ngettext("Remove %(num)s key", "Remove %(num)s keys", found.orphans),
        icon="x",
        endpoint="queue_acts.drop_reply_keys",
        is_possible=found.orphans > 0,
    )


def _pause() -> Question:
    view, names = queue_view(), [state.name for state in channels.read() if not state.is_by_hand]
    labels = ", ".join(words.CHANNEL[name].label for name in names)
    held = gettext("These channels are held back until somebody resumes them: %(channels)s.", channels=labels)
    return Question(
        name="pause",
        title=gettext("Pause everything?"),
        lines=(
            held if names else gettext("All channels are paused already."),
            ngettext(
                "%(num)s message waits and goes on waiting.", "%(num)s messages wait and go on waiting.", view.queued
            ),
            ngettext(
                "%(num)s message is being sent and finishes.",
                "%(num)s messages are being sent and finish.",
                view.running,
            ),
            gettext("Staff go on confirming and verifying; every page tells them the reason."),
        ),
        verb=gettext("Pause everything"),
        icon="player-pause",
        endpoint="queue_acts.pause",
        is_possible=bool(names),
        is_danger=True,
        wants_reason=True,
    )


def _resume() -> Question:
    view, closed = queue_view(), [state for state in channels.read() if state.is_paused]
    by_whom = [
        gettext("%(channel)s was paused by %(name)s. %(why)s", channel=s.channel.label, name=s.by, why=s.why).strip()
        for s in closed
    ]
    return Question(
        name="resumption",
        title=gettext("Resume everything?"),
        lines=(
            *(by_whom or [gettext("All channels are open already.")]),
            ngettext(
                "%(num)s message that is due goes out at once, unless it has expired.",
                "%(num)s messages that are due go out at once, unless they have expired.",
                view.queued,
            ),
        ),
        verb=gettext("Resume everything"),
        icon="player-play",
        endpoint="queue_acts.resume",
        is_possible=bool(closed),
    )


_ALL = {"bells": _bells, "reply-keys": _reply_keys, "pause": _pause, "resumption": _resume}
