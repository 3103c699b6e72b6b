"""The heartbeats of the workers: rows, so that they are right with Redis down too. A wish to stop is kept there."""

import os
import socket
from datetime import datetime

from sqlalchemy import select, update

from webapp.database import changed, later, now, reading, writing
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import ALIVE_SECONDS, Action, WorkerRow
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.delivery.worker_slots import InHand, in_hand

BEAT_SECONDS = 5.0
FORGET_SECONDS = 86_400.0


def this_process() -> str:
    """Returns the name of this process in rows: a worker has a name, a web process is named by its id."""
    return in_hand.worker if in_hand.worker != InHand.worker else f"web-{os.getpid()}@{socket.gethostname()}"


def appear(name: str, *, pool: str, concurrency: int, version: str) -> None:
    """Record that a worker has started."""
    with writing():
        db.session.merge(
            WorkerRow(
                name=name, pool=pool, concurrency=concurrency, version=version,
                started_at=now(), seen_at=now(), stopped_at=None, active=0, longest_call=0.0, done=0,
                stop_asked_at=None, stop_asked_by="",  # A worker that starts again under its name was not asked.
            )
        )  # fmt: skip


def beat(name: str, hand: InHand) -> bool:
    """Record a heartbeat. Returns whether an admin has asked this worker to stop."""
    with writing():
        asked = db.session.scalar(
            update(WorkerRow)
            .where(WorkerRow.name == name)
            .values(seen_at=now(), active=hand.active(), longest_call=hand.longest_call(), done=hand.done)
            .returning(WorkerRow.stop_asked_at)
            .execution_options(synchronize_session=False)
        )
    return asked is not None


def ask_to_stop(name: str, *, by: Actor) -> None:
    """Ask a worker to stop softly. It reads that at its next heartbeat, with Redis away too.

    Raises:
        NotFound, Conflict: there is no such worker, or it has stopped or was asked already.
    """
    with writing():
        done = changed(
            update(WorkerRow)
            .where(WorkerRow.name == name, WorkerRow.stopped_at.is_(None), WorkerRow.stop_asked_at.is_(None))
            .values(stop_asked_at=now(), stop_asked_by=by.name)
        )
        if done != 1:
            raise _why_not(name)
        audit.record(Action.WORKER_STOPPED, by=by, worker=name)


def _why_not(name: str) -> NotFound | Conflict:
    row = db.session.get(WorkerRow, name)
    if row is None:
        return NotFound(gettext("There is no such worker."))
    if row.stopped_at:
        return Conflict(gettext("This worker has stopped already."))
    return Conflict(gettext("%(name)s told this worker to stop just before you.", name=row.stop_asked_by))


def leave(name: str) -> None:
    """Record that a worker has stopped by itself."""
    with writing():
        db.session.execute(update(WorkerRow).where(WorkerRow.name == name).values(stopped_at=now(), active=0))


def any_alive() -> bool:
    """Returns whether some worker was seen lately."""
    alive = WorkerRow.seen_at > later(-ALIVE_SECONDS)
    # Not in `reading()`: pages ask in the middle of their own reads, whose rows its rollback would expire.
    return db.session.scalar(select(WorkerRow.name).where(alive, WorkerRow.stopped_at.is_(None)).limit(1)) is not None


def forget_old() -> int:
    """Delete the rows of workers that were last seen a day ago. Returns how many."""
    with writing():
        gone = db.session.query(WorkerRow).filter(WorkerRow.seen_at < later(-FORGET_SECONDS))
        return gone.delete(synchronize_session=False)


def last_seen() -> datetime | None:
    """Returns when any worker was seen last."""
    with reading():
        return db.session.scalar(select(WorkerRow.seen_at).order_by(WorkerRow.seen_at.desc()).limit(1))
