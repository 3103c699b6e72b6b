"""Storing the first answer to a request with an Idempotency-Key, so that repeats get the same answer.

The first request holds the key by a row that is committed before its work begins. If the process dies after the work
and before the answer is stored, the row still says "running". So the row also has a form key, which the work writes
into its audit row: a repeat finds the act by it, does nothing twice, and shows the booking as it is now. While there is
no such act, a repeat is told to wait, until the hold is stale (a minute).
"""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, Update, and_, delete, select, update

from webapp.database import later, now, upsert, writing
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.faults import TROUBLE
from webapp.models import Action, Audit, Booking, KeptAnswer

KEPT_FOR = 86_400.0  # Seconds.
STALE_AFTER = 60.0  # Seconds; no request lives as long, so its process is gone.
PRUNE_AT_ONCE = 1_000
HEADER = "Idempotency-Key"
OTHER_BODY = "This key came before with another body: use a new key for a new request."
STILL_RUNNING = f"The first request with this {HEADER} is still running: ask again in a moment."


@dataclass(frozen=True)
class Held:
    """The right to do the work of a request; `form_key` goes into its audit row."""

    row_id: int
    form_key: str
    is_repeat: bool = False  # An earlier request held it and did not finish.


@dataclass(frozen=True)
class First:
    """The first answer."""

    status: int
    text: str
    mimetype: str
    location: str


@dataclass(frozen=True)
class Done:
    """An act that was committed although its answer was not stored."""

    action: Action
    booking: str | None  # Its reference.
    message_id: int | None


def hold(*, api_key_id: int, path: str, key: str, body: bytes) -> Held | First:
    """Take the key for this request, or return the stored answer.

    Raises:
        Invalid: the key came before with another body.
        Conflict: the first request is still running.
    """
    digest, form_key = hashlib.sha256(body).hexdigest(), secrets.token_hex(16)
    same = and_(KeptAnswer.api_key_id == api_key_id, KeptAnswer.path == path, KeptAnswer.key == key)
    try:
        with writing(is_act=False):
            db.session.execute(delete(KeptAnswer).where(same, KeptAnswer.created_at <= later(-KEPT_FOR)))
            row_id = db.session.scalar(
                upsert(KeptAnswer)
                .values(api_key_id=api_key_id, path=path, key=key, body_digest=digest, answer={"form_key": form_key})
                .on_conflict_do_nothing()
                .returning(KeptAnswer.id)
            )
            if row_id is not None:
                return Held(row_id, form_key)
            return _take_over(same, digest) or _committed(same, digest) or _first(same, digest)
    except TROUBLE:
        _free_of(same, form_key)
        raise


def _free_of(same: ColumnElement[bool], form_key: str) -> None:
    """Free a hold whose commit may have been lost: no work began, so a repeat need not wait."""
    with suppress(*TROUBLE), writing(is_act=False):
        row = db.session.scalar(select(KeptAnswer).where(same, KeptAnswer.status.is_(None)))
        if row is not None and (row.answer or {}).get("form_key") == form_key:
            db.session.delete(row)


def _take_over(same: ColumnElement[bool], digest: str) -> Held | None:
    """Take over the key of a dead request by a guarded UPDATE, so that of many repeats only one does."""
    row = db.session.execute(
        update(KeptAnswer)
        .where(
            same,
            KeptAnswer.status.is_(None),
            KeptAnswer.body_digest == digest,
            KeptAnswer.created_at <= later(-STALE_AFTER),
        )
        .values(created_at=now())
        .returning(KeptAnswer.id, KeptAnswer.answer)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else Held(row.id, str((row.answer or {})["form_key"]), is_repeat=True)


def _committed(same: ColumnElement[bool], digest: str) -> Held | None:
    """Returns the hold of a request whose act is committed, though its answer is not stored yet."""
    row = db.session.scalar(
        select(KeptAnswer).where(same, KeptAnswer.status.is_(None), KeptAnswer.body_digest == digest)
    )
    held = None if row is None else Held(row.id, str((row.answer or {})["form_key"]), is_repeat=True)
    return held if held and done(held) else None


def _first(same: ColumnElement[bool], digest: str) -> First:
    row = db.session.scalar(select(KeptAnswer).where(same))
    if row is not None and row.body_digest != digest:
        raise Invalid(fields={HEADER: OTHER_BODY})
    if row is None or row.status is None or row.answer is None:
        raise Conflict(STILL_RUNNING)
    kept = {name: str(value) for name, value in row.answer.items()}
    return First(row.status, kept["text"], kept["mimetype"], kept["location"])


def done(held: Held) -> Done | None:
    """Returns what the earlier request had done when it died, if anything."""
    row = db.session.execute(
        select(Audit.action, Audit.message_id, Booking.reference)
        .outerjoin(Booking, Booking.id == Audit.booking_id)
        .where(Audit.form_key == held.form_key)
    ).one_or_none()
    return None if row is None else Done(row.action, row.reference, row.message_id)


def keep(held: Held, first: First) -> None:
    """Store the answer for repeats, unless another request was first."""
    answer = {name: value for name, value in asdict(first).items() if name != "status"}
    with writing(is_act=False):
        db.session.execute(_running(held).values(status=first.status, answer=answer))


def free(held: Held) -> None:
    """Let a repeat begin at once. The row stays, so that a committed act is still found."""
    with writing(is_act=False):
        db.session.execute(_running(held).values(created_at=later(-STALE_AFTER)))


def _running(held: Held) -> Update:
    return update(KeptAnswer).where(KeptAnswer.id == held.row_id, KeptAnswer.status.is_(None))


def forget_old() -> int:
    """Delete a batch of answers older than a day; returns how many."""
    old = select(KeptAnswer.id).where(KeptAnswer.created_at <= later(-KEPT_FOR)).limit(PRUNE_AT_ONCE)
    batch = delete(KeptAnswer).where(KeptAnswer.id.in_(old)).returning(KeptAnswer.id)
    with writing():
        return len(db.session.scalars(batch.execution_options(synchronize_session=False)).all())
