"""Doing what a started batch is meant for, row by row, in bounded parts.

A row's outcome is written in the transaction that changes its message, under a lock on the batch: so a process may
die between any two instructions, and two may work at one batch at once, and each row is done once, in the order of
the lanes.
"""

from collections.abc import Callable

import structlog
from sqlalchemy import Select, literal_column, select, update

from webapp import clock
from webapp.database import changed, now, reading, writing
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.models import Batch, BatchKind, BatchRow, Message
from webapp.services.audit import Actor
from webapp.services.failures import eligibility, resolve, retry
from webapp.services.failures.eligibility import Hurdle, Refused
from webapp.services.messages import bell
from webapp.services.row_fates import WENT_WRONG, Fate

FIRST_PART = 0.7  # Seconds of the click that starts it.
A_PART = 0.5  # Of a duty's turn: others of its thread wait meanwhile.
RUNG = 10  # The sweep rings for all others.
BY_SOMEBODY = (Hurdle.NOT_FAILED, Hurdle.OUTRUN, Hurdle.RESOLVED, Hurdle.NOT_RESOLVED)
SAID = {
    BatchKind.RETRY: "Put back in its place: it goes out again.",
    BatchKind.RESOLVE: "Resolved.",
    BatchKind.REOPEN: "Open again.",
}
LONGEST = 300  # What a row's sentence holds.
# Literal, so that SQLite fits the partial index of the rows that are to do.
TO_DO = BatchRow.outcome == literal_column("''")
log = structlog.get_logger(__name__)


def begin(batch_id: int) -> None:
    """Do the first part within the click that started it, and ring for the first few guests."""
    try:
        rung = _work(batch_id, FIRST_PART)
    except TROUBLE as busy:
        log.warning("The first part of a batch was not done; the duty does it.", error=type(busy).__name__)
        return
    bell.ring(*rung[:RUNG])


def go_on(seconds: float = A_PART) -> int:
    """Do a part of what was started and is not finished; how many batches there were."""
    unfinished = select(Batch.id).where(Batch.started_at.is_not(None), Batch.finished_at.is_(None))
    with reading():
        ids = db.session.scalars(unfinished.order_by(Batch.id)).all()
    for batch_id in ids:
        _work(batch_id, seconds / len(ids))
    return len(ids)


def _work(batch_id: int, seconds: float) -> list[int]:
    """Deal with rows until there are none or the time is over; the guests for whom something goes out."""
    ends, guests = clock.monotonic() + seconds, dict[int, None]()
    while True:
        is_over, guest_id = _step(batch_id)
        if guest_id is not None:
            guests[guest_id] = None
        if is_over or clock.monotonic() >= ends:
            return list(guests)


def _step(batch_id: int) -> tuple[bool, int | None]:
    """Deal with the next row, or finish: whether it is over, and the guest for whom something goes out."""
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
    except Exception:  # Whatever one row does, the others are none the worse for it.
        if message_id is None:
            raise
        log.exception("One row of a batch failed.", batch=batch_id)
        _give_up(batch_id, message_id)
        return False, None


def _unfinished(batch_id: int) -> Select[Batch]:
    """The batch, locked: whoever else works at it waits, so that rows are done one after another."""
    running = select(Batch).where(Batch.id == batch_id, Batch.started_at.is_not(None), Batch.finished_at.is_(None))
    return running.with_for_update()


def _next(batch_id: int) -> BatchRow | None:
    to_do = select(BatchRow).where(BatchRow.batch_id == batch_id, TO_DO).order_by(BatchRow.message_id)
    return db.session.scalars(to_do.limit(1)).one_or_none()


def _deal_with(batch: Batch, row: BatchRow) -> int | None:
    """Do it, or write down why not; the guest for whom something goes out."""
    try:
        case = eligibility.one(row.message_id)
        eligibility.check(batch.kind, case, row.token or None)
        ACTS[batch.kind](case.message, Actor(batch.author, batch.user_id), batch)
    except Refused as refusal:
        row.outcome = Fate.OUTRUN if refusal.hurdle in BY_SOMEBODY else Fate.NOT_POSSIBLE
        row.sentence = refusal.sentence[:LONGEST]
        return None
    row.outcome, row.sentence = Fate.DONE, SAID[batch.kind]
    return case.message.guest_id if batch.kind is BatchKind.RETRY else None


def _give_up(batch_id: int, message_id: int) -> None:
    """Leave a row out that an error of ours keeps from being done; the message was left as it was."""
    with writing():
        changed(
            update(BatchRow)
            .where(BatchRow.batch_id == batch_id, BatchRow.message_id == message_id, TO_DO)
            .values(outcome=Fate.NOT_POSSIBLE, sentence=WENT_WRONG)
        )


def _retry(message: Message, by: Actor, batch: Batch) -> None:
    retry.put_back(message, by, batch=batch.id)


def _resolve(message: Message, by: Actor, batch: Batch) -> None:
    resolve.close(message, by, batch.note, batch=batch.id)


def _reopen(message: Message, by: Actor, batch: Batch) -> None:
    resolve.open_again(message, by, batch=batch.id)


ACTS: dict[BatchKind, Callable[[Message, Actor, Batch], None]] = {
    BatchKind.RETRY: _retry,
    BatchKind.RESOLVE: _resolve,
    BatchKind.REOPEN: _reopen,
}
