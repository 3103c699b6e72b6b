"""One act on many failed messages: first planned, then started.

A plan changes no message. The start is one guarded UPDATE, so that a double click, a second tab and a second person
have one effect. Then `batch_runner` does the rows.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from webapp.database import changed, later, now, reading, writing
from webapp.errors import NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, Batch, BatchKind, BatchRow, Message, Role
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.failures.resolve import NOTE_LENGTH
from webapp.services.failures.selection import Picked

# The least role for each act.
NEEDS = {BatchKind.RETRY: Role.ADMIN, BatchKind.RESOLVE: Role.MANAGER, BatchKind.REOPEN: Role.MANAGER}
ACTIONS = {
    BatchKind.RETRY: Action.MESSAGES_RETRIED,
    BatchKind.RESOLVE: Action.MESSAGES_RESOLVED,
    BatchKind.REOPEN: Action.MESSAGES_REOPENED,
}
RECENT = 8
PLANS_KEPT = 86_400.0  # Seconds.


def plan(kind: BatchKind, picked: Picked, *, by: Actor) -> Batch | None:
    """Store the messages of an act, so that it is done with these and no others. Returns None if there are none."""
    if not picked.rows:
        return None
    with writing():
        batch = Batch(
            kind=kind, user_id=by.user_id, author=by.name, filters=picked.filters, left_out=picked.left_out, note=""
        )
        db.session.add(batch)
        db.session.flush()
        rows = [{"batch_id": batch.id, "message_id": n, "token": token} for n, token in picked.rows]
        db.session.execute(insert(BatchRow), rows)
    return batch


def get(batch_id: int) -> Batch:
    """Find one.

    Raises:
        NotFound: there is none of that id.
    """
    found = db.session.get(Batch, batch_id)
    if found is None:
        raise NotFound(gettext("This plan does not exist any more: a plan that nobody starts is deleted after a day."))
    return found


def start(batch: Batch, *, by: Actor, note: str = "") -> bool:
    """Let it be done, in the name of the person who starts it. Returns False if it was started before."""
    batch_id = batch.id
    with writing():
        mine = {"started_at": now(), "author": by.name, "user_id": by.user_id}
        note = " ".join(note.split())[:NOTE_LENGTH]
        started = changed(
            update(Batch).where(Batch.id == batch_id, Batch.started_at.is_(None)).values(mine | {"note": note})
        )
        if started == 1:
            _record(db.session.get_one(Batch, batch_id, populate_existing=True), by)
    return started == 1


def _record(batch: Batch, by: Actor) -> None:
    """Record the start once for all messages; each message has a record of its own as well."""
    of_batch = select(BatchRow.message_id).where(BatchRow.batch_id == batch.id)
    counts = select(Message.channel, func.count())
    found = db.session.execute(counts.where(Message.id.in_(of_batch)).group_by(Message.channel)).all()
    channels = {str(channel): messages for channel, messages in found}
    rest = {"remaining": batch.left_out, "note": batch.note}
    detail: dict[str, Any] = {name: value for name, value in rest.items() if value}
    detail |= {"batch": batch.id, "messages": sum(channels.values()), "channels": channels}
    audit.record(ACTIONS[batch.kind], by=by, **detail)


def recent() -> Sequence[Batch]:
    """Returns the batches that were started last, newest first."""
    started = select(Batch).where(Batch.started_at.is_not(None)).order_by(Batch.id.desc()).limit(RECENT)
    return db.session.scalars(started).all()


def forget_plans() -> int:
    """Delete old plans that nobody started. Returns how many."""
    old = select(Batch.id).where(Batch.started_at.is_(None), Batch.at <= later(-PLANS_KEPT)).order_by(Batch.id)
    with reading():
        ids = db.session.scalars(old.limit(100)).all()
    return sum(_forget(batch_id) for batch_id in ids)


def _forget(batch_id: int) -> bool:
    with writing():
        unstarted = select(Batch.id).where(Batch.id == batch_id, Batch.started_at.is_(None)).with_for_update()
        if db.session.scalar(unstarted) is None:
            return False
        changed(delete(BatchRow).where(BatchRow.batch_id == batch_id))
        return changed(delete(Batch).where(Batch.id == batch_id)) == 1
