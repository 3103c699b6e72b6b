"""What is asked before an act on the whole queue: in numbers of now, what it would do and what it would not."""

from dataclasses import dataclass

from webapp import words
from webapp.errors import NotFound
from webapp.models import ChannelName
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
    is_possible: bool = True  # Where there is nothing to do, no button is shown.
    is_danger: bool = False
    wants_reason: bool = False


def of(name: str) -> Question:
    """The question of this name.

    Raises:
        NotFound: there is none.
        Conflict: what it would do cannot be counted now.
    """
    if name not in _ALL:
        raise NotFound("There is no such act.")
    return _ALL[name]()


def _bells() -> Question:
    lanes = queue_acts.waiting_lanes()
    many = f"{lanes.many}" if lanes.is_all else f"at least {lanes.many}"
    bells = queue_view().bells
    return Question(
        name="bells",
        title="Ring for all that waits now?",
        lines=(
            f"For {many} {'guest' if lanes.many == 1 else 'guests'} something is due that could go out now."
            if lanes.many
            else "Nothing is due that could go out now.",
            f"{'It is not known how many' if bells is None else bells} {'bell waits' if bells == 1 else 'bells wait'} "
            "in Redis already. The housekeeper rings every few seconds by itself; a bell too many costs nothing.",
            f"At most {queue_acts.MOST_LANES} are rung for at once, the longest due first.",
        ),
        verb=f"Ring for {min(lanes.many, queue_acts.MOST_LANES)}",
        icon="bell",
        endpoint="queue_acts.ring",
        is_possible=lanes.many > 0,
    )


def _reply_keys() -> Question:
    found = queue_acts.reply_keys()
    many = f"{found.orphans}" if found.is_all else f"At least {found.orphans}"
    return Question(
        name="reply-keys",
        title="Drop orphaned reply keys?",
        lines=(
            f"{many} orphaned reply {'key was' if found.orphans == 1 else 'keys were'} found in Redis: lists of "
            "answers to an inspect whose asker was killed, which nobody has touched for a minute.",
            "No message and no bell is among them. Every minute they are swept by themselves, too.",
        ),
        verb=f"Drop {found.orphans}",
        icon="x",
        endpoint="queue_acts.drop_reply_keys",
        is_possible=found.orphans > 0,
    )


def _pause() -> Question:
    view, names = queue_view(), [state.name for state in channels.read() if not state.is_by_hand]
    return Question(
        name="pause",
        title="Pause everything?",
        lines=(
            f"{_labels(names)} would be held back until somebody opens them again."
            if names
            else "All channels are paused already.",
            f"{view.queued} {'message waits' if view.queued == 1 else 'messages wait'} now and would go on waiting; "
            f"{view.running} {'is' if view.running == 1 else 'are'} being sent and would finish.",
            "Staff go on confirming and verifying; every page tells them the reason.",
        ),
        verb="Pause everything",
        icon="player-pause",
        endpoint="queue_acts.pause",
        is_possible=bool(names),
        is_danger=True,
        wants_reason=True,
    )


def _resume() -> Question:
    view, closed = queue_view(), [state for state in channels.read() if state.is_paused]
    told = tuple(f"{state.channel.label} was paused by {state.by}. {state.why}".strip() for state in closed)
    return Question(
        name="resumption",
        title="Resume everything?",
        lines=(
            *(told or ("All channels are open already.",)),
            f"{view.queued} {'message that is due goes' if view.queued == 1 else 'messages that are due go'} out at "
            "once, those that have expired do not.",
        ),
        verb="Resume everything",
        icon="player-play",
        endpoint="queue_acts.resume",
        is_possible=bool(closed),
    )


def _labels(names: list[ChannelName]) -> str:
    return ", ".join(words.CHANNEL[name].label for name in names)


_ALL = {"bells": _bells, "reply-keys": _reply_keys, "pause": _pause, "resumption": _resume}
