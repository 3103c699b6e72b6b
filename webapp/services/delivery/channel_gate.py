"""Opening and closing channels: by hand, by the breaker, and by a channel that is misconfigured.

A closed channel stops later claims; what is sending finishes. Past `paused_until` one probe may try:
whoever moves that time on in the transaction of its claim.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select, update

from webapp.database import changed, later, now, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import THE_ONE, Action, ChannelName, ChannelState, DatabaseMark, PauseKind
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.settings import current

OPENS_AT = 5  # Channel-wide failures in a row.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
PROBE_EVERY = 300.0  # A misconfigured channel is tried every five minutes.
UNTIL_RESUMED = datetime(9999, 1, 1, tzinfo=UTC)


# Pauses that only people end are left alone. An open channel has no kind.
_NOT_BY_PEOPLE = or_(
    ChannelState.pause_kind.is_(None), ChannelState.pause_kind.in_([PauseKind.BREAKER, PauseKind.MISCONFIGURED])
)


class NotOurTurn(Exception):
    """Another worker has the probe."""


class TooSoon(Exception):
    """The sender's rate lets nothing out for so many seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def ensure_rows() -> None:
    """Add the rows that are missing; the migration made those of the first three channels."""
    with writing():
        known = set(db.session.scalars(select(ChannelState.name)))
        db.session.add_all(ChannelState(name=name) for name in ChannelName if name not in known)


def pass_gate(connection: Connection, channel: ChannelName, state: Row[Any]) -> bool:
    """Inside a claim: take the channel's probe if it is closed, and the sender's next moment if it has a rate.

    `state` has the channel's `paused_until`, `pause_kind`, `pause_seconds` and `next_send_at`, and the `moment`.
    Returns whether this claim is the probe.

    Raises:
        NotOurTurn, TooSoon: the claim must be given up.
    """
    is_probe = state.paused_until is not None
    if is_probe:
        wait = PROBE_EVERY if state.pause_kind is PauseKind.MISCONFIGURED else max(state.pause_seconds, FIRST_PAUSE)
        # Held for the whole lease: nobody else probes before this one has an answer.
        hold = max(wait, current().lease_seconds)
        taken = connection.execute(
            update(ChannelState)
            .where(ChannelState.name == channel, ChannelState.paused_until <= now())
            .values(paused_until=later(hold))
        )
        if taken.rowcount != 1:
            raise NotOurTurn
    if rate := getattr(current(), f"{channel}_per_second"):
        _take_moment(connection, channel, state, 1 / rate)
    return is_probe


def _take_moment(connection: Connection, channel: ChannelName, state: Row[Any], gap: float) -> None:
    taken = connection.execute(
        update(ChannelState)
        .where(
            ChannelState.name == channel, (ChannelState.next_send_at.is_(None)) | (ChannelState.next_send_at <= now())
        )
        .values(next_send_at=later(gap))
    )
    if taken.rowcount != 1:
        left = (state.next_send_at - state.moment).total_seconds() if state.next_send_at else 0.0
        raise TooSoon(left if left > 0 else gap)  # 0: another worker took the moment just now.


OPEN = {
    "paused_until": None,
    "pause_kind": None,
    "why": "",
    "paused_by": "",
    "paused_at": None,
    "failures_in_row": 0,
    "pause_seconds": 0.0,
}


def _write(*where: ColumnElement[bool], **columns: Any) -> int:
    """Change channels inside the current write block. Returns how many."""
    return changed(update(ChannelState).where(*where).values(**columns))


def _closed(kind: PauseKind, why: str, until: Any, by: str = "Bellhop") -> dict[str, Any]:
    return {"pause_kind": kind, "why": why, "paused_by": by, "paused_at": now(), "paused_until": until}


def worked(channel: ChannelName, *, is_probe: bool) -> None:
    """Inside a settle: the provider took a message. Closes the breaker; a probe also ends a misconfiguration."""
    open_again = [PauseKind.BREAKER, PauseKind.MISCONFIGURED] if is_probe else [PauseKind.BREAKER]
    _write(ChannelState.name == channel, ChannelState.failures_in_row > 0, failures_in_row=0)
    _write(ChannelState.name == channel, ChannelState.pause_kind.in_(open_again), **OPEN)


def failed(channel: ChannelName, why: str, *, is_probe: bool) -> None:
    """Inside a settle: a channel-wide failure. Opens the breaker at the fifth in a row; a failing probe doubles it."""
    _write(ChannelState.name == channel, failures_in_row=ChannelState.failures_in_row + 1)
    state = db.session.get_one(ChannelState, channel, populate_existing=True)
    if state.pause_kind is PauseKind.MISCONFIGURED and is_probe:
        state.paused_until = later(PROBE_EVERY)
    elif state.pause_kind is PauseKind.BREAKER and is_probe:
        state.pause_seconds = min(state.pause_seconds * 2, LONGEST_PAUSE)
        state.paused_until = later(state.pause_seconds)
    elif state.pause_kind is None and state.failures_in_row >= OPENS_AT:
        shut(channel, why)


def failures_in_row(channel: ChannelName) -> int:
    """Returns how many channel-wide failures there were since the provider last took a message."""
    return db.session.scalar(select(ChannelState.failures_in_row).where(ChannelState.name == channel)) or 0


def shut(channel: ChannelName, why: str) -> None:
    """Inside a settle: open the breaker of a channel that is open."""
    columns = _closed(PauseKind.BREAKER, why, later(FIRST_PAUSE))
    _write(ChannelState.name == channel, ChannelState.pause_kind.is_(None), pause_seconds=FIRST_PAUSE, **columns)


def misconfigured(channel: ChannelName, why: str) -> None:
    """Inside a settle: our account or sender is wrong; the channel pauses itself and is tried now and then."""
    columns = _closed(PauseKind.MISCONFIGURED, why, later(PROBE_EVERY))
    _write(ChannelState.name == channel, _NOT_BY_PEOPLE, **columns)


def probe_again(channel: ChannelName) -> None:
    """Inside a settle: the probe was given back untried; the next claim may be it."""
    by_itself = ChannelState.pause_kind.in_([PauseKind.BREAKER, PauseKind.MISCONFIGURED])
    _write(ChannelState.name == channel, by_itself, paused_until=now())


def is_open(channel: ChannelName) -> bool:
    """Whether claims on this channel may go ahead without being a probe."""
    return db.session.scalars(select(ChannelState.pause_kind).where(ChannelState.name == channel)).one_or_none() is None


def pause(channel: ChannelName, *, why: str, by: Actor) -> None:
    """Close a channel until somebody opens it.

    Raises:
        Conflict: a person has closed it already.
    """
    with writing():
        not_yet = ChannelState.pause_kind.is_distinct_from(PauseKind.BY_HAND)
        if (
            _write(ChannelState.name == channel, not_yet, **_closed(PauseKind.BY_HAND, why, UNTIL_RESUMED, by.name))
            != 1
        ):
            raise Conflict(gettext("This channel is paused already."))
        audit.record(Action.CHANNEL_PAUSED, by=by, channel=channel, why=why)


def resume(channel: ChannelName, *, by: Actor) -> None:
    """Open a channel, whoever or whatever closed it.

    Raises:
        Conflict: it is open, or an older copy of the database was put back.
    """
    with writing():
        refuse_while_held()
        if _write(ChannelState.name == channel, ChannelState.pause_kind.is_not(None), **OPEN) != 1:
            raise Conflict(gettext("This channel is open already."))
        audit.record(Action.CHANNEL_RESUMED, by=by, channel=channel)


def hold_all(why: str) -> None:
    """Inside a write block: close every channel that no person has closed, since the database is an older one."""
    _write(_NOT_BY_PEOPLE, **_closed(PauseKind.OLDER_DATABASE, why, UNTIL_RESUMED))


def let_go_all() -> None:
    """Inside a write block: open what `hold_all` closed. What a person paused stays so."""
    _write(ChannelState.pause_kind == PauseKind.OLDER_DATABASE, **OPEN)


def refuse_while_held() -> None:
    """Inside a write block: let nobody open a channel past the question of what may go out twice.

    Raises:
        Conflict: an older database was put back, and no admin has looked yet.
    """
    if db.session.scalar(select(DatabaseMark.held_at).where(DatabaseMark.id == THE_ONE)):
        sentence = gettext(
            "An older copy of the database was put back. Check first what may go out twice, on the queue."
        )
        raise Conflict(sentence)


def probe_soon() -> None:
    """Let misconfigured channels be tried at once: a worker has started, perhaps with better settings."""
    with writing():
        _write(ChannelState.pause_kind == PauseKind.MISCONFIGURED, paused_until=now())
