"""Due times that were set by a clock which ran ahead: SQLite has no clock but that of the process which asks."""

import structlog
from sqlalchemy import select, update

from webapp.database import changed, later, now, reading, writing
from webapp.extensions import db
from webapp.models import Message, MessageStatus

AHEAD_SECONDS = 30.0  # No clock is so far from another of the same machine, unless one of them is wrong.
log = structlog.get_logger(__name__)


def bring_forward() -> int:
    """Let messages go now that were written in what is the future once the clock is right again; how many.

    Only those that were never tried: what was tried waits for as long as its provider said.
    """
    ahead = (
        Message.status == MessageStatus.WAITING,
        Message.due_at > later(AHEAD_SECONDS),
        Message.created_at > later(AHEAD_SECONDS),
        Message.attempts_made == 0,
    )
    with reading():  # Nearly always there are none, and to find that nothing is locked.
        if db.session.scalar(select(Message.id).where(*ahead).limit(1)) is None:
            return 0
    with writing():
        moved = changed(update(Message).where(*ahead).values(due_at=now(), first_due_at=now(), created_at=now()))
    log.warning("Messages were due by a clock that ran ahead; they are due now.", moved=moved)
    return moved
