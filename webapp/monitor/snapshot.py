"""The sampler's snapshot in Redis: one writer, many readers.

Readers keep the last good one in memory, so pages show it, greyed and with its age, while Redis is down.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from redis import Redis

from webapp.monitor.view import DatabaseFigures
from webapp.monitor.workers.view import RunningTask

VERSION = 2  # A reader of another version ignores the snapshot.
KEY = "bellhop:snapshot"
KEEP_SECONDS = 3600


@dataclass(frozen=True, kw_only=True)
class WorkerAnswer:
    """What one worker said about itself. None means that it did not say."""

    name: str
    reserved: int | None
    registered: tuple[str, ...] | None
    memory_mb: float | None
    reserved_tasks: tuple[RunningTask, ...] = ()  # At most twenty.
    pid: int | None = None
    prefetch: int | None = None
    taken: int | None = None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One answer of inspect. `tasks` is None if no worker answered."""

    taken_at: datetime
    tasks: tuple[RunningTask, ...] | None
    answers: tuple[WorkerAnswer, ...]
    database: DatabaseFigures | None = None


def encode(snapshot: Snapshot) -> str:
    """Returns the snapshot as text."""
    return json.dumps({"version": VERSION} | asdict(snapshot), default=datetime.isoformat)


def decode(text: str | None) -> Snapshot | None:
    """Returns the snapshot in a text; None if the text is missing or cannot be read."""
    try:
        kept = json.loads(text or "null")
        if kept is None or kept.pop("version") != VERSION:
            return None
        database = kept["database"]
        return Snapshot(
            taken_at=datetime.fromisoformat(kept["taken_at"]),
            tasks=None if kept["tasks"] is None else _tasks(kept["tasks"]),
            answers=tuple(_answer(answer) for answer in kept["answers"]),
            database=database and DatabaseFigures(**{**database, "at": _moment(database["at"])}),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _answer(kept: Mapping[str, Any]) -> WorkerAnswer:
    names = kept["registered"]
    read = {"registered": None if names is None else tuple(names), "reserved_tasks": _tasks(kept["reserved_tasks"])}
    return WorkerAnswer(**{**kept, **read})


def _tasks(kept: Iterable[Mapping[str, Any]]) -> tuple[RunningTask, ...]:
    return tuple(RunningTask(**{**task, "started_at": _moment(task["started_at"])}) for task in kept)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def writer(snapshot: Snapshot) -> Callable[[Redis], object]:
    """Returns a question for `Broker.ask` that stores this snapshot for an hour."""
    return lambda client: client.set(KEY, encode(snapshot), ex=KEEP_SECONDS)
