"""Notices that the database is older than what was sent from it, and then holds all messages back.

The epoch in the row grows every ten seconds while a worker runs. After that, never before, it is written beside the
database (`marks`), and each process remembers it. So a mark beside the database is behind the row or equal to it,
whatever the clocks say and however many machines share the database. If it is ahead, an older copy was put back.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import ColumnElement, select, update

from webapp.database import changed, now, reading, upsert, writing
from webapp.extensions import db
from webapp.models import THE_ONE, Action, DatabaseMark
from webapp.services import audit
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate, known_epoch
from webapp.services.housekeeping import heartbeats
from webapp.services.restores import marks
from webapp.services.restores.marks import Mark

GROWS_AFTER = 10.0  # Seconds. Two copies that were made within them look the same.
MOST_RUNS = 50
WHY = "An older copy of the database was put back. An admin has to look first"
log = structlog.get_logger(__name__)


class Grow(StrEnum):
    """Whether a look lets the epoch grow. The web process sends nothing, so it uses NEVER."""

    NEVER = "never"
    WHEN_DUE = "when_due"
    NOW = "now"
    IN_A_NEW_RUN = "in_a_new_run"  # A worker starts.


def look(grow: Grow = Grow.NEVER) -> bool:
    """Compare the database with its marks. Returns whether messages are held back now."""
    known, name = known_epoch.of_app(), _ensured()
    # First the marks, then the row: the other way round a row that grew meanwhile would look old.
    beside, remembered = marks.read(name), known.of(name)
    row = state()
    if row is None or row.name != name:
        return known.is_held  # The copy is being put in place: the next turn looks again.
    lost = lost_by(row, [*beside.all, *([Mark(*remembered)] if remembered else [])])
    if lost and not row.is_held:
        _hold(row, lost)
        row = state() or row
    known.is_held = row.is_held
    if row.is_held:
        with writing():
            channel_gate.hold_all(WHY)  # Again: an act may have opened a channel meanwhile.
        return True
    if grow in (Grow.NOW, Grow.IN_A_NEW_RUN) or (grow is Grow.WHEN_DUE and known.stands_for() >= GROWS_AFTER):
        row = _grown(row, begins=grow is Grow.IN_A_NEW_RUN)
    known.keep(row.name, row.epoch, row.grown_at, row.run_at(row.epoch))
    if beside.lacks(mark_of(row)):
        marks.write(row.name, mark_of(row))
    return False


def lost_by(row: DatabaseMark, seen: Iterable[Mark]) -> Mark | None:
    """Returns the newest of these marks that the row does not know; None if it knows them all."""
    return max((mark for mark in seen if _is_unknown_to(row, mark)), default=None)


def _is_unknown_to(row: DatabaseMark, mark: Mark) -> bool:
    """Returns whether this copy never had that epoch, or had it in another run: it was put back unnoticed."""
    return mark.epoch > row.epoch or row.run_at(mark.epoch) not in ("", mark.run)


def mark_of(row: DatabaseMark) -> Mark:
    """Returns the mark to write beside the database."""
    return Mark(row.epoch, row.grown_at, row.run_at(row.epoch))


def first_run(epoch: int) -> list[tuple[int, str]]:
    """Returns the runs of a database that has no earlier runs to compare."""
    return [(epoch, secrets.token_hex(8))]


def state() -> DatabaseMark | None:
    """Returns the row as it is; None if no process has used this database yet."""
    with reading():
        row = db.session.get(DatabaseMark, THE_ONE, populate_existing=True)
        if row is not None:
            db.session.expunge(row)
    return row


def is_held() -> bool:
    """Returns whether messages are held back, as this process saw it last."""
    return known_epoch.of_app().is_held


def _ensured() -> str:
    """Returns the database's name. A database without a name gets one: it is new, or older than the marks."""
    with reading():
        name = db.session.scalar(select(DatabaseMark.name).where(DatabaseMark.id == THE_ONE))
    if name is not None:
        return name
    first = {"id": THE_ONE, "name": secrets.token_hex(16), "epoch": 0, "grown_at": now(), "runs": first_run(0)}
    with writing():
        db.session.execute(upsert(DatabaseMark).values(first).on_conflict_do_nothing())
        return db.session.scalars(select(DatabaseMark.name).where(DatabaseMark.id == THE_ONE)).one()


def _grown(row: DatabaseMark, *, begins: bool) -> DatabaseMark:
    """Let the epoch grow by one, unless another process just did it."""
    grown = {"epoch": row.epoch + 1, "grown_at": now()}
    if begins:
        grown["runs"] = [*row.runs, *first_run(row.epoch + 1)][-MOST_RUNS:]
    with writing():
        changed(update(DatabaseMark).where(*_unmoved(row)).values(grown))
    return state() or row


def _hold(row: DatabaseMark, lost: Mark) -> None:
    """Hold back all channels, once, and record what was found. A row that changed meanwhile waits for the next turn."""
    found = {"held_at": now(), "lost_epoch": lost.epoch, "lost_at": lost.at, "noticed_by": heartbeats.this_process()}
    with writing():
        if changed(update(DatabaseMark).where(*_unmoved(row)).values(found)) != 1:
            return
        channel_gate.hold_all(WHY)
        since, until = _text(row.grown_at), _text(lost.at)
        audit.record(Action.OLDER_DATABASE_NOTICED, by=BELLHOP, since=since, until=until)
    log.error("The database is older than what was sent from it; an admin must look.", since=since, until=until)


def _unmoved(row: DatabaseMark) -> tuple[ColumnElement[bool], ...]:
    same = DatabaseMark.id == THE_ONE, DatabaseMark.name == row.name, DatabaseMark.epoch == row.epoch
    return *same, DatabaseMark.held_at.is_(None)


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
