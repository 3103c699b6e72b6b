"""Keeping warnings and errors, so that an admin reads them without a terminal: in memory here, in rows by a service.

What is kept is known to be harmless. Of our own lines that is the sentence, which is constant, and values whose names
stand in `ALLOWED`; of others' the sentence without what was filled into it. Numbers, addresses and texts of guests
reach stdout at most, which is the operator's own.
"""

import logging
import re
import sys
import threading
import traceback
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from webapp import trace
from webapp.settings import ROOT

MOST = 300  # Lines kept in memory between two writings; of more the oldest are dropped, and counted.
LONGEST, LONGEST_VALUE = 300, 100
PRINTED = "celery.redirected"
ALLOWED = (
    "alert", "attempt", "booking", "cause", "channel", "code", "duty", "error", "guest_id", "lines", "message_id",
    "method", "moved", "ms", "outcome", "path", "queue", "route", "row", "status", "subject", "thread", "user_id",
)  # fmt: skip
# Belt and braces: what looks like a number to call, an address, or the secret at the end of a link.
_SECRETS = re.compile(r"[\w-]{24,}|[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d ().-]{6,}\d")
_BLANKS = re.compile(r"%(\(\w+\))?[-#0 +]*[\d.*]*[a-zA-Z]|\{[\w.!:]*\}")


@dataclass(frozen=True)
class Line:
    """One warning or error, without anything that is a guest's."""

    at: datetime
    level: str
    sentence: str
    detail: dict[str, Any] = field(default_factory=dict)
    trace_id: str = ""


class Keeper(logging.Handler):
    """Keeps lines until they are taken. It never raises, waits for nothing, and logs nothing itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[Line] = deque(maxlen=MOST)
        self._dropped = 0
        self._held = threading.RLock()  # Held for an append, never while anything waits.

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line; what cannot be read is left to stdout, and so is what somebody merely printed."""
        if record.name == PRINTED:
            return
        try:
            line = _line(record)
        except Exception:  # noqa: BLE001  # Whoever logs must never suffer for it.
            return
        self._put(line)

    def take(self) -> list[Line]:
        """Take what was kept, the oldest first, and a line that says how many were dropped."""
        with self._held:
            lines, dropped = list(self._lines), self._dropped
            self._lines.clear()
            self._dropped = 0
        if dropped:
            told = "Lines were dropped: more came than are kept between two writings."
            lines.insert(0, Line(datetime.now(UTC), "warning", told, {"lines": dropped}))
        return lines

    def give_back(self, lines: list[Line]) -> None:
        """Keep lines that could not be written, before those that came since; the oldest go where they are too many."""
        with self._held:
            together = [*lines, *self._lines]
            self._dropped += max(0, len(together) - MOST)
            self._lines = deque(together[-MOST:], maxlen=MOST)

    def _put(self, line: Line) -> None:
        with self._held:
            self._dropped += len(self._lines) == MOST
            self._lines.append(line)


def _line(record: logging.LogRecord) -> Line:
    event = record.msg if isinstance(record.msg, dict) else {}
    sentence = str(event.get("event", "")) if event else _BLANKS.sub("…", str(record.msg))
    detail = {key: _harmless(event[key]) for key in ALLOWED if event.get(key) not in (None, "")}
    if not record.name.startswith(("webapp", "tasks")):
        detail["logger"] = record.name[:LONGEST_VALUE]
    detail |= _of_error(event.get("exc_info") or record.exc_info)
    return Line(
        at=datetime.fromtimestamp(record.created, UTC),
        level=record.levelname.lower(),
        sentence=_SECRETS.sub("…", sentence.split("\n")[0])[:LONGEST],
        detail=detail,
        trace_id=str(event.get(trace.KEY) or trace.current())[: trace.LONGEST],
    )


def _harmless(value: Any) -> Any:
    """A value fit to be kept: numbers as they are, all else as a short text without what may be a guest's."""
    return value if isinstance(value, bool | int | float) else _SECRETS.sub("…", str(value))[:LONGEST_VALUE]


def _of_error(info: Any) -> dict[str, str]:
    """Its kind, and the last line of ours that it passed; its text may hold anything."""
    if info is True:
        info = sys.exc_info()
    error = info if isinstance(info, BaseException) else info[1] if isinstance(info, tuple) else None
    if error is None:
        return {}
    where = _where(error.__traceback__)
    return {"error": type(error).__name__} | ({"where": where} if where else {})


def _where(stack: TracebackType | None) -> str:
    ours = [
        f for f in traceback.extract_tb(stack) if Path(f.filename).is_relative_to(ROOT) and ".venv" not in f.filename
    ]
    return f"{Path(ours[-1].filename).relative_to(ROOT)}:{ours[-1].lineno}" if ours else ""


KEEPER = Keeper()
