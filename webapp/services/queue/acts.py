"""Acts on the whole queue: ring for all that waits, drop what killed askers left in Redis, pause or open everything."""

from dataclasses import dataclass, replace

from sqlalchemy import update

from webapp.database import now, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import Action, ChannelName, ChannelState, PauseKind
from webapp.monitor.redis import broker, orphans
from webapp.monitor.redis.broker import Down
from webapp.monitor.redis.orphans import Found, Sweep
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.delivery import channel_gate, claim
from webapp.services.messages import bell

# A bell takes under a millisecond: so many keep nobody waiting. The housekeeper rings for the rest by itself.
MOST_LANES = 500
MOST_STEPS = 20


@dataclass(frozen=True)
class Lanes:
    """How many guests have something to go out now, as far as it was counted."""

    many: int

    @property
    def is_all(self) -> bool:
        return self.many < MOST_LANES


def waiting_lanes() -> Lanes:
    """The lanes that a ring would be for."""
    return Lanes(len(claim.due_lanes(MOST_LANES)))


def ring(*, by: Actor) -> tuple[int, int]:
    """Ring for the longest-due lanes; for how many it was meant, and how many bells Redis took.

    The act is written down before Redis is spoken to: what was wanted is known even if this process dies meanwhile.
    """
    lanes = claim.due_lanes(MOST_LANES)
    with writing():
        audit.record(Action.QUEUE_RUNG, by=by, lanes=len(lanes))
    bell.breaker.reset()  # A person asks: Redis may be back since the last ring failed.
    return len(lanes), bell.ring(*lanes)


def reply_keys() -> Found:
    """How many reply lists nobody will ever read.

    Raises:
        Conflict: Redis does not answer.
    """
    try:
        return broker.of_app().ask(orphans.count)
    except Down as down:
        raise _away(down) from down


def drop_reply_keys(*, by: Actor) -> int:
    """Drop them; how many were there.

    Raises:
        Conflict: Redis does not answer, or went away meanwhile; what is left is swept later.
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
    return Conflict(f"Redis does not answer. {down} What is left there is swept once it is back.")


def pause_all(*, why: str, by: Actor) -> list[ChannelName]:
    """Close every channel that no person has closed yet, until somebody opens it; which.

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
            raise Conflict("All channels are paused already.")
        for channel in closed:
            audit.record(Action.CHANNEL_PAUSED, by=by, channel=channel, why=why)
    return list(closed)


def resume_all(*, by: Actor) -> list[ChannelName]:
    """Open every channel that is closed, whoever or whatever closed it; which.

    Raises:
        Conflict: none is closed.
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
            raise Conflict("All channels are open already.")
        for channel in opened:
            audit.record(Action.CHANNEL_RESUMED, by=by, channel=channel)
    return list(opened)
