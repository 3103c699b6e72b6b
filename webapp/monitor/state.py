"""The first sentence of the queue page: how things stand, and the one act that mends it."""

from collections.abc import Sequence

from webapp import words
from webapp.i18n import day_time, gettext, listed, ngettext
from webapp.models import ChannelName
from webapp.monitor.channels import Closed
from webapp.monitor.format import span
from webapp.monitor.notice import Notice, notice
from webapp.monitor.view import QueueView

LONG = 60.0  # Seconds that a message may wait before the page says so.


def state(view: QueueView, closed: Sequence[Closed]) -> Notice:
    """Returns the worst thing that is wrong, else that all is well."""
    return notice(view) or _closed(closed) or _slow(view) or _well(view)


def _closed(closed: Sequence[Closed]) -> Notice | None:
    """Returns the words about channels that send nothing. One that can be resumed here is named in `resume`."""
    if not closed:
        return None
    waiting = sum(one.waiting for one in closed)
    waits = ngettext("%(num)s message waits for it.", "%(num)s messages wait for it.", waiting)
    if len(closed) > 1:
        labels = listed(words.CHANNEL[one.name].label for one in closed)
        title = gettext("%(channels)s are paused.", channels=labels)
        if len(closed) == len(ChannelName):
            title = gettext("All channels are paused.")
        waits = ngettext("%(num)s message waits for them.", "%(num)s messages wait for them.", waiting)
        text, is_by_hand = _because({one.why for one in closed}, waits), all(one.is_by_hand for one in closed)
        tone = "warn" if is_by_hand else "bad"
        return Notice(title, text, tone, "player-pause", "channel_paused", resume="all")
    [one] = closed
    label = words.CHANNEL[one.name].label
    title = gettext("%(channels)s is paused.", channels=label)
    if one.since:
        title = gettext("%(channel)s has been paused since %(time)s.", channel=label, time=day_time(one.since))
    text = _because({one.why}, waits)
    return Notice(title, text, "warn" if one.is_by_hand else "bad", "player-pause", "channel_paused", resume=one.name)


def _because(reasons: set[str], text: str) -> str:
    """Returns the text with the reason that all share in front, if they share one."""
    why = next(iter(reasons)) if len(reasons) == 1 else ""
    return gettext("“%(why)s” %(text)s", why=why, text=text) if why else text


def _slow(view: QueueView) -> Notice | None:
    oldest = view.oldest_waiting_seconds
    if oldest is None or oldest < LONG:
        return None
    title = ngettext("%(num)s message waits to be sent.", "%(num)s messages wait to be sent.", view.queued)
    text = gettext("The oldest has waited for %(time)s.", time=span(oldest))
    if view.slots and view.busy >= view.slots:
        text += " " + gettext("All workers are busy: start another one.")
    elif view.clears_in_seconds:
        text += " " + gettext("At this speed all are sent in about %(time)s.", time=span(view.clears_in_seconds))
    return Notice(title, text, icon="hourglass", cause="oldest_waiting")


def _well(view: QueueView) -> Notice:
    parts = []
    if view.minutes and not view.is_stale:
        sent = view.minutes[-1].sent
        nothing = gettext("No message was due in the last minute.")
        went = ngettext(
            "%(num)s message went out in the last minute.", "%(num)s messages went out in the last minute.", sent
        )
        parts.append(went if sent else nothing)
    if view.oldest_waiting_seconds is None:
        parts.append(gettext("Nothing waits."))
    else:
        longest = gettext("Nothing waits longer than %(time)s.", time=span(view.oldest_waiting_seconds))
        parts.append(longest)
    return Notice(gettext("All is well."), " ".join(parts), "ok", "circle-check")
