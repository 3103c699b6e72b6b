"""All that is known of one worker, and of one task, for their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp import words
from webapp.database import read_now, reading
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.models import Attempt, AttemptOutcome, ChannelName, Message, WorkerRow
from webapp.monitor import duty_rows, queue
from webapp.monitor.duty_rows import DutyView
from webapp.monitor.view import InHand, QueueView
from webapp.monitor.workers.view import WorkerView
from webapp.words import Word

# There is no index by worker: of so many newest attempts those of this worker are looked for.
LOOKED_AT = 5_000
SHOWN = 20


@dataclass(frozen=True, kw_only=True)
class Handed:
    """An attempt that the worker made."""

    message_id: int
    reference: str
    channel: ChannelName
    number: int
    started_at: datetime
    seconds: float | None  # None: it has not ended.
    outcome: AttemptOutcome | None

    @property
    def word(self) -> Word:
        return words.OUTCOME[self.outcome] if self.outcome else words.MESSAGE["sending"]


@dataclass(frozen=True, kw_only=True)
class WorkerPage:
    """One worker with what it does and did."""

    worker: WorkerView
    view: QueueView
    running: tuple[InHand, ...]
    duties: tuple[DutyView, ...]
    handed: tuple[Handed, ...]


def read(name: str) -> WorkerPage:
    """One worker, though it may have stopped.

    Raises:
        NotFound: no worker of this name was seen for a day.
    """
    view = queue.queue_view()
    worker = view.worker(name) or _gone(name)
    return WorkerPage(
        worker=worker,
        view=view,
        running=tuple(line for line in view.in_hand if line.worker == name),
        duties=tuple(duty for duty in duty_rows.read() if duty.holder == name),
        handed=_handed(name),
    )


def _gone(name: str) -> WorkerView:
    with reading():
        row = db.session.get(WorkerRow, name)
        if row is None:
            raise NotFound("No worker of this name was seen in the last day.")
        return queue.by_heartbeat(row, read_now())


def _handed(name: str) -> tuple[Handed, ...]:
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
        return tuple(_made(attempt, reference, channel) for attempt, reference, channel in rows)


def _made(attempt: Attempt, reference: str, channel: ChannelName) -> Handed:
    took = None if attempt.ended_at is None else (attempt.ended_at - attempt.started_at).total_seconds()
    return Handed(
        message_id=attempt.message_id,
        reference=reference,
        channel=channel,
        number=attempt.number,
        started_at=attempt.started_at,
        seconds=None if took is None else max(0.0, took),
        outcome=attempt.outcome,
    )
