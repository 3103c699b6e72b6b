"""Deletes old rows: settled messages with their attempts and receipts, and others.

Open messages are never deleted. Settled ones, unresolved failures included, are deleted KEEP_DAYS after they settled.
Bookings, payments, the audit log and the hourly figures stay. Batches are small and one call is short: it runs beside
duties that must not wait, and on SQLite everybody else writes between two batches.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, select, update

from webapp import clock
from webapp.database import changed, later, reading, writing
from webapp.extensions import db
from webapp.models import OPEN, Alert, Attempt, Batch, BatchRow, Message, Receipt, ReturnedMail, SandboxMessage, Upload
from webapp.settings import current

BATCH = 200
SECONDS = 2.0
DAY = 86_400.0


def forget_old() -> int:
    """Delete old rows, as many as there is time for. Returns how many."""
    if not current().keep_days:
        return 0
    steps: tuple[Callable[[], int], ...] = (_batches, _messages, _stray_receipts, _alerts, _uploads, _returned)
    ends = clock.monotonic() + SECONDS
    gone = 0
    for step in steps:
        while (done := step()) and clock.monotonic() < ends:
            gone += done
        gone += done
    return gone


def _before(days: float) -> ColumnElement[Any]:
    # A subquery runs once: PostgreSQL uses no index for a clock that ticks within the statement.
    return select(later(-days * DAY)).scalar_subquery()


def old_messages() -> Select[int]:
    """Returns the statement for the ids of some old messages, longest due first."""
    before = _before(current().keep_days)
    return (
        select(Message.id)
        .where(Message.first_due_at < before, Message.settled_at < before, Message.status.not_in(OPEN))
        .order_by(Message.first_due_at)
        .limit(BATCH)
    )


def _any(wanted: Select[int]) -> bool:
    """Returns whether there is any, by a read: mostly there is none, and SQLite has only one write lock."""
    with reading():
        return db.session.scalar(wanted.limit(1)) is not None


def _messages() -> int:
    """Delete one batch, in one transaction. The messages are locked first, as in everything that settles one."""
    if not _any(old_messages()):
        return 0
    with writing():
        ids = db.session.scalars(old_messages().with_for_update(skip_locked=True)).all()
        attempts = db.session.execute(select(Attempt.id, Attempt.token).where(Attempt.message_id.in_(ids))).all()
        numbers, tokens = [row.id for row in attempts], [row.token for row in attempts]
        changed(delete(Receipt).where(Receipt.attempt_id.in_(numbers)))
        changed(delete(SandboxMessage).where(SandboxMessage.token.in_(tokens)))
        changed(delete(Attempt).where(Attempt.id.in_(numbers)))
        changed(delete(BatchRow).where(BatchRow.message_id.in_(ids)))
        return changed(delete(Message).where(Message.id.in_(ids)))


def _batches() -> int:
    """Delete one act over many failures with its rows; its audit entry stays."""
    old = select(Batch.id).where(Batch.at < _before(current().keep_days)).order_by(Batch.id).limit(1)
    if not _any(old):
        return 0
    with writing():
        ids = db.session.scalars(old).all()
        changed(delete(BatchRow).where(BatchRow.batch_id.in_(ids)))
        return changed(delete(Batch).where(Batch.id.in_(ids)))


def _delete(table: type[Receipt | Alert | ReturnedMail], *conditions: ColumnElement[bool]) -> int:
    """Delete one batch of a table's old rows."""
    ids = select(table.id).where(*conditions).limit(BATCH)
    if not _any(ids):
        return 0
    with writing():
        return changed(delete(table).where(table.id.in_(ids)))


def _stray_receipts() -> int:
    """Delete receipts of unknown attempts."""
    return _delete(Receipt, Receipt.attempt_id.is_(None), Receipt.received_at < _before(current().keep_days))


def _alerts() -> int:
    return _delete(Alert, Alert.over_at < _before(current().keep_days))


def _returned() -> int:
    """Delete returned mails that could not be read, also those that nobody put away."""
    return _delete(ReturnedMail, ReturnedMail.at < _before(current().keep_days))


def _uploads() -> int:
    """Empty one old file: it has names and payments of guests. Its row with the results stays."""
    old = select(Upload.id).where(Upload.at < _before(current().keep_days), Upload.content != "").limit(1)
    if not _any(old):
        return 0
    with writing():
        return changed(update(Upload).where(Upload.id.in_(old)).values(content=""))
