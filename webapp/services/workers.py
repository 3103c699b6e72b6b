"""The workers' heartbeats: rows, so that they are right with Redis down too."""

import os
import socket
from datetime import datetime

from sqlalchemy import select, update

from webapp.database import later, now, reading, writing
from webapp.extensions import db
from webapp.models import ALIVE_SECONDS, WorkerRow
from webapp.services.in_hand import InHand, in_hand

BEAT_SECONDS = 5.0
FORGET_SECONDS = 86_400.0


def this_process() -> str:
    """What this process is called in rows that others read: a worker by its own name, a web process by its id."""
    return in_hand.worker if in_hand.worker != InHand.worker else f"web-{os.getpid()}@{socket.gethostname()}"


def appear(name: str, *, pool: str, concurrency: int, version: str) -> None:
    """A worker has started."""
    with writing():
        db.session.merge(
            WorkerRow(
                name=name,
                pool=pool,
                concurrency=concurrency,
                version=version,
                started_at=now(),
                seen_at=now(),
                stopped_at=None,
                active=0,
                longest_call=0.0,
                done=0,
            )
        )


def beat(name: str, hand: InHand) -> None:
    """A worker lives, and has so much in hand."""
    with writing():
        db.session.execute(
            update(WorkerRow)
            .where(WorkerRow.name == name)
            .values(seen_at=now(), active=hand.active(), longest_call=hand.longest_call(), done=hand.done)
        )


def leave(name: str) -> None:
    """A worker has stopped of its own will."""
    with writing():
        db.session.execute(update(WorkerRow).where(WorkerRow.name == name).values(stopped_at=now(), active=0))


def any_alive() -> bool:
    """Whether some worker was seen lately."""
    alive = WorkerRow.seen_at > later(-ALIVE_SECONDS)
    # Not in `reading()`: pages ask in the middle of their own reads, whose rows its rollback would expire.
    return db.session.scalar(select(WorkerRow.name).where(alive, WorkerRow.stopped_at.is_(None)).limit(1)) is not None


def forget_old() -> int:
    """Drop rows of workers that were last seen a day ago."""
    with writing():
        gone = db.session.query(WorkerRow).filter(WorkerRow.seen_at < later(-FORGET_SECONDS))
        return gone.delete(synchronize_session=False)


def last_seen() -> datetime | None:
    """When any worker was seen last."""
    with reading():
        return db.session.scalar(select(WorkerRow.seen_at).order_by(WorkerRow.seen_at.desc()).limit(1))
