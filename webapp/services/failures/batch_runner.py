"""Works at a started batch, row by row, in short parts.

A row's outcome is written in the transaction that changes its message, under a lock on the batch. So each row is done
once, oldest message first, even if a process dies at any point or two processes work at one batch.
"""

import structlog
from sqlalchemy import Select, literal_column, select, update

from webapp import clock
from webapp.database import changed, now, reading, writing
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.i18n import in_english
from webapp.models import Batch, BatchKind, BatchRow
from webapp.services.audit import Actor
from webapp.services.failures import eligibility, resolve, retry
from webapp.services.failures.eligibility import Obstacle, Refused
from webapp.services.messages import bell
from webapp.services.row_fates import WENT_WRONG, Fate

FIRST_PART = 0.7  # Seconds, within the click that starts it.
A_PART = 0.5  # Seconds of a duty's turn: the other duties of its thread wait meanwhile.
RUNG = 10  # The duty "ring" rings for all others.
BY_SOMEBODY = (Obstacle.NOT_FAILED, Obstacle.OUTRUN, Obstacle.RESOLVED, Obstacle.NOT_RESOLVED)
SENTENCES = {
    BatchKind.RETRY: "Put back in its place: it goes out again.",
    BatchKind.RESOLVE: "Resolved.",
    BatchKind.REOPEN: "Open again.",
}
LONGEST = 300  # Letters of a row's sentence.
# Literal, so that SQLite uses the partial index of the rows that are still to do.
TO_DO = BatchRow.outcome == literal_column("''")
log = structlog.get_logger(__name__)


def begin(batch_id: int) -> None:
    """Do the first part within the click that starts it, and ring for the first few guests."""
    try:
        rung = _work(batch_id, FIRST_PART)
    except TROUBLE as error:
        log.warning("The first part of a batch was not done; the duty does it.", error=type(error).__name__)
        return
    bell.ring(*rung[:RUNG])


def go_on(seconds: float = A_PART) -> int:
    """Do a part of each started batch that is not finished. Returns how many batches there were."""
    unfinished = select(Batch.id).where(Batch.started_at.is_not(None), Batch.finished_at.is_(None))
    with reading():
        ids = db.session.scalars(unfinished.order_by(Batch.id)).all()
    for batch_id in ids:
        _work(batch_id, seconds / len(ids))
    return len(ids)


def _work(batch_id: int, seconds: float) -> list[int]:
    """Do rows until there are none left or the time is over. Returns the guests who get a message."""
    ends, guests = clock.monotonic() + seconds, dict[int, None]()
    while True:
        is_over, guest_id = _step(batch_id)
        if guest_id is not None:
            guests[guest_id] = None
        if is_over or clock.monotonic() >= ends:
            return list(guests)


def _step(batch_id: int) -> tuple[bool, int | None]:
    """Do the next row, or finish. Returns whether the batch is over, and the guest who gets a message."""
    message_id = None
    try:
        with writing():
            batch = db.session.scalars(_unfinished(batch_id)).one_or_none()
            row = _next(batch_id) if batch else None
            if batch and row is None:
                batch.finished_at = now()
            if batch is None or row is None:
                return True, None
            message_id = row.message_id
            return False, _deal_with(batch, row)
    except TROUBLE:
        raise
    except Exception:  # An error in one row must not stop the others.
        if message_id is None:
            raise
        log.exception("One row of a batch failed.", batch=batch_id)
        _give_up(batch_id, message_id)
        return False, None


def _unfinished(batch_id: int) -> Select[Batch]:
    """Returns the batch, locked: another process that works at it waits, so rows are done one after another."""
    running = select(Batch).where(Batch.id == batch_id, Batch.started_at.is_not(None), Batch.finished_at.is_(None))
    return running.with_for_update()


def _next(batch_id: int) -> BatchRow | None:
    to_do = select(BatchRow).where(BatchRow.batch_id == batch_id, TO_DO).order_by(BatchRow.message_id)
    return db.session.scalars(to_do.limit(1)).one_or_none()


def _deal_with(batch: Batch, row: BatchRow) -> int | None:
    """Do the act, or store why it is not possible. Returns the guest who gets a message."""
    by = Actor(batch.author, batch.user_id)
    try:
        with in_english():  # The sentence is stored.
            case = eligibility.find(row.message_id)
            eligibility.check(batch.kind, case, row.token or None)
            match batch.kind:
                case BatchKind.RETRY:
                    retry.put_back(case.message, by, batch=batch.id)
                case BatchKind.RESOLVE:
                    resolve.close(case.message, by, batch.note, batch=batch.id)
                case BatchKind.REOPEN:
                    resolve.open_again(case.message, by, batch=batch.id)
    except Refused as error:
        row.outcome = Fate.OUTRUN if error.obstacle in BY_SOMEBODY else Fate.NOT_POSSIBLE
        row.sentence = error.sentence[:LONGEST]
        return None
    row.outcome, row.sentence = Fate.DONE, SENTENCES[batch.kind]
    return case.message.guest_id if batch.kind is BatchKind.RETRY else None


def _give_up(batch_id: int, message_id: int) -> None:
    """Leave out a row that an error of ours stops; its message stays as it was."""
    with writing():
        changed(
            update(BatchRow)
            .where(BatchRow.batch_id == batch_id, BatchRow.message_id == message_id, TO_DO)
            .values(outcome=Fate.NOT_POSSIBLE, sentence=WENT_WRONG)
        )
