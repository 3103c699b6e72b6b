"""Mends due times that were set by a clock that ran ahead: SQLite uses the clock of the process that asks."""

import structlog
from sqlalchemy import select, update

from webapp.database import changed, later, now, reading, writing
from webapp.extensions import db
from webapp.models import Message, MessageStatus

AHEAD_SECONDS = 30.0  # Clocks of one machine differ by less, unless one of them is wrong.
log = structlog.get_logger(__name__)


def bring_forward() -> int:
    """Make messages due now that were written by a clock that ran ahead. Returns how many.

    Only messages that were never tried: the others wait for as long as their provider said.
    """
    ahead = (
        Message.status == MessageStatus.WAITING,
        Message.due_at > later(AHEAD_SECONDS),
        Message.created_at > later(AHEAD_SECONDS),
        Message.attempts_made == 0,
    )
    with reading():  # Nearly always there are none, and this look locks nothing.
        if db.session.scalar(select(Message.id).where(*ahead).limit(1)) is None:
            return 0
    with writing():
        moved = changed(update(Message).where(*ahead).values(due_at=now(), first_due_at=now(), created_at=now()))
    log.warning("Messages were due by a clock that ran ahead; they are due now.", moved=moved)
    return moved
