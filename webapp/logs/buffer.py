"""Keeps warnings and errors in memory until a service writes them into rows, for admins who have no terminal.

Only harmless parts are kept: of our own lines the constant sentence and the values named in `ALLOWED`, of a library's
lines the sentence without the values filled into it. Phone numbers, addresses and texts of guests go to stdout only.
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

from webapp.logs import request_id
from webapp.settings import ROOT

MOST = 300  # Lines kept in memory between two writes. Beyond it the oldest are dropped and counted.
LONGEST, LONGEST_VALUE = 300, 100
PRINTED = "celery.redirected"
ALLOWED = (
    "alert", "attempt", "booking", "cause", "channel", "code", "duty", "error", "guest_id", "lines", "message_id",
    "method", "moved", "ms", "outcome", "path", "queue", "route", "row", "status", "subject", "thread", "user_id",
)  # fmt: skip
# A second guard: text that looks like a phone number, an address, or the secret at the end of a link.
_SECRETS = re.compile(r"[\w-]{24,}|[\w.+-]+@[\w-]+\.[\w.]+|\+?\d[\d ().-]{6,}\d")
_BLANKS = re.compile(r"%(\(\w+\))?[-#0 +]*[\d.*]*[a-zA-Z]|\{[\w.!:]*\}")


@dataclass(frozen=True)
class LogEntry:
    """One warning or error, without any data of a guest."""

    at: datetime
    level: str
    sentence: str
    detail: dict[str, Any] = field(default_factory=dict)
    trace_id: str = ""


class LogBuffer(logging.Handler):
    """Keeps lines until they are taken. It never raises, never waits, and logs nothing itself."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._lines: deque[LogEntry] = deque(maxlen=MOST)
        self._dropped = 0
        self._held = threading.RLock()  # Held for an append, never while anything waits.

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line. Unreadable records and printed text go to stdout only."""
        if record.name == PRINTED:
            return
        try:
            line = _line(record)
        except Exception:  # noqa: BLE001  # Logging must never break the code that logs.
            return
        self._put(line)

    def take(self) -> list[LogEntry]:
        """Empty the buffer. Returns its lines, oldest first, after a line that counts the dropped ones."""
        with self._held:
            lines, dropped = list(self._lines), self._dropped
            self._lines.clear()
            self._dropped = 0
        if dropped:
            sentence = "Lines were dropped: more came than are kept between two writings."
            lines.insert(0, LogEntry(datetime.now(UTC), "warning", sentence, {"lines": dropped}))
        return lines

    def give_back(self, lines: list[LogEntry]) -> None:
        """Put back lines that could not be written, before the newer ones. Beyond `MOST` the oldest are dropped."""
        with self._held:
            together = [*lines, *self._lines]
            self._dropped += max(0, len(together) - MOST)
            self._lines = deque(together[-MOST:], maxlen=MOST)

    def _put(self, line: LogEntry) -> None:
        with self._held:
            self._dropped += len(self._lines) == MOST
            self._lines.append(line)


def _line(record: logging.LogRecord) -> LogEntry:
    event = record.msg if isinstance(record.msg, dict) else {}
    sentence = str(event.get("event", "")) if event else _BLANKS.sub("…", str(record.msg))
    detail = {key: _harmless(event[key]) for key in ALLOWED if event.get(key) not in (None, "")}
    if not record.name.startswith(("webapp", "tasks")):
        detail["logger"] = record.name[:LONGEST_VALUE]
    detail |= _of_error(event.get("exc_info") or record.exc_info)
    return LogEntry(
        at=datetime.fromtimestamp(record.created, UTC),
        level=record.levelname.lower(),
        sentence=_SECRETS.sub("…", sentence.split("\n")[0])[:LONGEST],
        detail=detail,
        trace_id=str(event.get(request_id.KEY) or request_id.current())[: request_id.LONGEST],
    )


def _harmless(value: Any) -> Any:
    """Returns a number as it is, anything else as a short text in which secrets are masked."""
    return value if isinstance(value, bool | int | float) else _SECRETS.sub("…", str(value))[:LONGEST_VALUE]


def _of_error(info: Any) -> dict[str, str]:
    """Returns an error's class and our last line that it passed. Its text is left out, since it may hold anything."""
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


BUFFER = LogBuffer()
