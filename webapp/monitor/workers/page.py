"""Everything known about one worker, for its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp import words
from webapp.database import read_now, reading
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Attempt, AttemptOutcome, ChannelName, Message, WorkerRow
from webapp.monitor import duty_rows, queue
from webapp.monitor.duty_rows import DutyView
from webapp.monitor.view import InHand, QueueView
from webapp.monitor.workers.view import WorkerView
from webapp.words import Word

LOOKED_AT = 5_000  # There is no index by worker, so only this many newest attempts are searched.
SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class RecentAttempt:
    """An attempt that the worker made."""

    message_id: int
    reference: str
    channel: ChannelName
    number: int
    started_at: datetime
    seconds: float | None  # None: not ended yet.
    outcome: AttemptOutcome | None

    @property
    def word(self) -> Word:
        return words.OUTCOME[self.outcome] if self.outcome else words.MESSAGE["sending"]


@dataclass(frozen=True, kw_only=True)
class WorkerPage:
    """One worker, what it does and what it did."""

    worker: WorkerView
    view: QueueView
    running: tuple[InHand, ...]
    duties: tuple[DutyView, ...]
    handed: tuple[RecentAttempt, ...]


def read(name: str) -> WorkerPage:
    """Returns one worker, which may have stopped.

    Raises:
        NotFound: no worker of this name was seen in the last day.
    """
    view = queue.queue_view()
    worker = view.worker(name) or _gone(name)
    return WorkerPage(
        worker=worker,
        view=view,
        running=tuple(line for line in view.in_hand if line.worker == name),
        duties=tuple(duty for duty in duty_rows.read() if duty.holder == name),
        handed=_recent(name),
    )


def _gone(name: str) -> WorkerView:
    with reading():
        row = db.session.get(WorkerRow, name)
        if row is None:
            raise NotFound(gettext("No worker of this name was seen in the last day."))
        return queue.by_heartbeat(row, read_now())


def _recent(name: str) -> tuple[RecentAttempt, ...]:
    newest = select(Attempt.id, Attempt.worker).order_by(Attempt.id.desc()).limit(LOOKED_AT).subquery()
    ours = select(newest.c.id).where(newest.c.worker == name).order_by(newest.c.id.desc()).limit(SHOWN)
    with reading():
        ids: Sequence[int] = db.session.scalars(ours).all()
        rows = db.session.execute(
            select(Attempt, Message.reference, Message.channel)
            .join(Message, Message.id == Attempt.message_id)
            .where(Attempt.id.in_(ids))
            .order_by(Attempt.id.desc())
        )
        return tuple(_attempt(attempt, reference, channel) for attempt, reference, channel in rows)


def _attempt(attempt: Attempt, reference: str, channel: ChannelName) -> RecentAttempt:
    took = None if attempt.ended_at is None else (attempt.ended_at - attempt.started_at).total_seconds()
    return RecentAttempt(
        message_id=attempt.message_id,
        reference=reference,
        channel=channel,
        number=attempt.number,
        started_at=attempt.started_at,
        seconds=None if took is None else max(0.0, took),
        outcome=attempt.outcome,
    )
