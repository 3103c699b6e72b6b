"""Writes the buffered warnings and errors into rows, every few seconds, from a thread of the housekeeper."""

from typing import Any

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import DBAPIError

from webapp.database import changed, reading, writing
from webapp.extensions import db
from webapp.logs.buffer import BUFFER, LogEntry
from webapp.models import LogLine, Message
from webapp.services.housekeeping import heartbeats

NEWEST = 1_000


def flush() -> int:
    """Write the buffered lines. Returns how many. With the database away they stay in the buffer."""
    lines = BUFFER.take()
    if not lines:
        return 0
    try:
        references = _references(lines)
        with writing():
            db.session.execute(insert(LogLine), [_row(line, references) for line in lines])
    except DBAPIError:
        BUFFER.give_back(lines)  # Not logged: that would add a line each time.
        return 0
    return len(lines)


def _row(line: LogEntry, references: dict[Any, str]) -> dict[str, Any]:
    detail = dict(line.detail)
    named = detail.pop("booking", "") or references.get(detail.get("message_id"), "")
    return {
        "at": line.at,
        "level": line.level[:8],
        "process": heartbeats.this_process()[:120],
        "sentence": line.sentence,
        "detail": detail,
        "reference": str(named)[:40],
        "trace_id": line.trace_id,
    }


def _references(lines: list[LogEntry]) -> dict[Any, str]:
    """Returns the references of the bookings, by the ids of messages in the lines."""
    ids = {line.detail["message_id"] for line in lines if isinstance(line.detail.get("message_id"), int)}
    if not ids:
        return {}
    with reading():
        found = db.session.execute(select(Message.id, Message.reference).where(Message.id.in_(ids)))
        return {row.id: row.reference for row in found}


def prune() -> int:
    """Delete all but the newest lines. Returns how many were deleted."""
    with reading():
        newest = db.session.scalar(select(func.max(LogLine.id)))
    if newest is None or newest <= NEWEST:
        return 0
    last_kept = select(LogLine.id).order_by(LogLine.id.desc()).offset(NEWEST - 1).limit(1).scalar_subquery()
    with writing():
        return changed(delete(LogLine).where(LogLine.id < last_kept))
