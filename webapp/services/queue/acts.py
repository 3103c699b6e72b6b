"""Acts on the whole queue: wake the workers, remove leftover keys of Redis, pause or resume all channels."""

from dataclasses import replace

from sqlalchemy import update

from webapp.database import now, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, ChannelName, ChannelState, PauseKind
from webapp.monitor.redis import broker, orphans
from webapp.monitor.redis.broker import Down
from webapp.monitor.redis.orphans import Found, Sweep
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.delivery import channel_gate, claim
from webapp.services.messages import bell

# A bell takes under a millisecond, so these keep nobody waiting. The housekeeper rings for the rest by itself.
MOST_LANES = 500
MOST_STEPS = 20


def waiting_lanes() -> int:
    """Returns how many guests have a message to go out now, counted up to MOST_LANES."""
    return len(claim.due_lanes(MOST_LANES))


def ring(*, by: Actor) -> tuple[int, int]:
    """Ring for the lanes that are due longest. Returns how many those are, and how many bells Redis took.

    The act is recorded before Redis is asked: it is known even if this process dies meanwhile.
    """
    lanes = claim.due_lanes(MOST_LANES)
    with writing():
        audit.record(Action.QUEUE_RUNG, by=by, lanes=len(lanes))
    bell.breaker.reset()  # A person asks: Redis may be back since the last ring failed.
    return len(lanes), bell.ring(*lanes)


def reply_keys() -> Found:
    """Returns how many reply lists nobody will ever read.

    Raises:
        Conflict: Redis does not answer.
    """
    try:
        return broker.of_app().ask(orphans.count)
    except Down as down:
        raise _away(down) from down


def drop_reply_keys(*, by: Actor) -> int:
    """Delete those reply lists. Returns how many were deleted.

    Raises:
        Conflict: Redis does not answer, or went away meanwhile; the rest is deleted later.
    """
    found = reply_keys()
    with writing():
        audit.record(Action.REPLY_KEYS_DROPPED, by=by, found=found.orphans)
    sweep, dropped = Sweep(), 0
    try:
        for _ in range(MOST_STEPS):
            dropped += broker.of_app().ask(sweep.step)
            if sweep.is_done:
                break
    except Down as down:
        raise _away(down) from down
    return dropped


def _away(down: Down) -> Conflict:
    sentence = gettext("Redis does not answer. %(error)s What is left there is removed once it is back.", error=down)
    return Conflict(sentence)


def pause_all(*, why: str, by: Actor) -> list[ChannelName]:
    """Pause every channel that no person has paused yet, until somebody resumes it. Returns those channels.

    Raises:
        Conflict: all are paused by hand already.
    """
    channel_gate.ensure_rows()
    by = replace(by, form_key=None)  # One form makes several acts here.
    with writing():
        closed = db.session.scalars(
            update(ChannelState)
            .where(ChannelState.pause_kind.is_distinct_from(PauseKind.BY_HAND))
            .values(pause_kind=PauseKind.BY_HAND, why=why, paused_by=by.name, paused_at=now(),
                    paused_until=channel_gate.UNTIL_RESUMED)
            .returning(ChannelState.name)
            .execution_options(synchronize_session=False)
        ).all()  # fmt: skip
        if not closed:
            raise Conflict(gettext("All channels are paused already."))
        for channel in closed:
            audit.record(Action.CHANNEL_PAUSED, by=by, channel=channel, why=why)
    return list(closed)


def resume_all(*, by: Actor) -> list[ChannelName]:
    """Resume every channel that is paused, by a person or by itself. Returns those channels.

    Raises:
        Conflict: none is paused.
    """
    by = replace(by, form_key=None)
    with writing():
        channel_gate.refuse_while_held()
        opened = db.session.scalars(
            update(ChannelState)
            .where(ChannelState.pause_kind.is_not(None))
            .values(channel_gate.OPEN)
            .returning(ChannelState.name)
            .execution_options(synchronize_session=False)
        ).all()
        if not opened:
            raise Conflict(gettext("All channels are open already."))
        for channel in opened:
            audit.record(Action.CHANNEL_RESUMED, by=by, channel=channel)
    return list(opened)
