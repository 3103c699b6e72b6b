"""The newest warnings and errors that web and workers wrote into rows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webapp.database import reading
from webapp.extensions import db
from webapp.models import LogLine
from webapp.words import Word

SHOWN = 100
LEVELS = {"warning": Word("Warning", "warn", "alert-triangle")}
WORST = Word("Error", "bad", "circle-x")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line. `reference` names its booking or test message, or is empty."""

    id: int
    at: datetime
    word: Word
    process: str
    sentence: str
    detail: str
    message_id: int | None
    reference: str
    is_test: bool  # The reference leads to no booking.
    trace_id: str


def newest(limit: int = SHOWN) -> tuple[Line, ...]:
    """Returns the newest lines, newest first."""
    with reading():
        rows = db.session.scalars(select(LogLine).order_by(LogLine.id.desc()).limit(limit))
        return tuple(_line(row) for row in rows)


def _line(row: LogLine) -> Line:
    message_id = row.detail.get("message_id")
    return Line(
        id=row.id,
        at=row.at,
        word=LEVELS.get(row.level.lower(), WORST),
        process=row.process,
        sentence=row.sentence,
        detail=_detail(row.detail),
        message_id=message_id if isinstance(message_id, int) else None,
        reference=row.reference,
        is_test=row.reference.startswith("TEST-"),
        trace_id=row.trace_id,
    )


def _detail(detail: dict[str, Any]) -> str:
    """Returns the values beside the sentence without the message id, which is a link."""
    return ", ".join(f"{name} {value}" for name, value in detail.items() if name != "message_id" and value != "")
