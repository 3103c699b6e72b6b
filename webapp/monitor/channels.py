"""The channels on the queue page: open or paused, why, by whom, since when."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp import words
from webapp.database import now, reading
from webapp.extensions import db
from webapp.models import ChannelName, ChannelState, Message, MessageStatus, PauseKind
from webapp.models.types import Usual, literal_words
from webapp.monitor.shared import Shared
from webapp.settings import current
from webapp.words import Word

OPEN = Word("Open", "ok", "circle-check")
CLOSED = {
    PauseKind.BY_HAND: Word("Paused", "warn", "player-pause"),
    PauseKind.BREAKER: Word("Paused automatically", "bad", "alert-triangle"),
    PauseKind.MISCONFIGURED: Word("Settings are missing", "bad", "settings"),
    PauseKind.OLDER_DATABASE: Word("Held back", "bad", "history"),
}


@dataclass(frozen=True, kw_only=True)
class ChannelView:
    """One channel."""

    name: ChannelName
    provider: Word
    word: Word
    is_paused: bool
    is_by_hand: bool
    is_held: bool  # Because an older database was put back.
    why: str
    by: str
    since: datetime | None
    tries_again_at: datetime | None  # When a channel that paused itself is tried again; None if a person paused it.

    @property
    def channel(self) -> Word:
        return words.CHANNEL[self.name]


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A channel that sends nothing, with the messages that wait for it."""

    name: ChannelName
    is_by_hand: bool
    why: str
    since: datetime | None
    waiting: int


def version(views: tuple[ChannelView, ...]) -> str:
    """Returns a text that changes with the channels' state."""
    return hashlib.sha256(repr(views).encode()).hexdigest()[:12]


def read() -> tuple[ChannelView, ...]:
    """Returns every channel, in the usual order. A channel without a row is open."""
    with reading():
        rows = {row.name: _view(row.name, row) for row in db.session.scalars(select(ChannelState))}
    return tuple(rows.get(name) or _view(name, ChannelState(name=name)) for name in ChannelName)


def _closed() -> tuple[Closed, ...]:
    views = [view for view in read() if view.is_paused and not view.is_held]
    return tuple(
        Closed(
            name=view.name, is_by_hand=view.is_by_hand, why=view.why, since=view.since, waiting=_waiting(view.name)
        )
        for view in views
    )  # fmt: skip


def _waiting(name: ChannelName) -> int:
    due = Usual(Message.status == literal_words(MessageStatus.WAITING)[0])
    with reading():
        count = select(func.count()).select_from(Message).where(due, Message.due_at <= now(), Message.channel == name)
        return db.session.scalars(count).one()


# Those that a person, the breaker or missing settings closed; an older database has a banner of its own.
_shared = Shared(_closed)
closed, forget = _shared.get, _shared.forget


def _view(name: ChannelName, row: ChannelState) -> ChannelView:
    by_hand, is_held = row.pause_kind is PauseKind.BY_HAND, row.pause_kind is PauseKind.OLDER_DATABASE
    return ChannelView(
        name=name,
        provider=words.PROVIDER[current().provider(name)],
        word=CLOSED[row.pause_kind] if row.pause_kind else OPEN,
        is_paused=row.is_paused,
        is_by_hand=by_hand,
        is_held=is_held,
        why=row.why or "",
        by=row.paused_by or "",
        since=row.paused_at,
        tries_again_at=None if by_hand or is_held else row.paused_until,
    )
