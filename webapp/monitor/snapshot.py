"""What the sampler saw, and the minutes of the last day: one writer, many readers, kept in Redis.

Readers keep the last good one in their own memory too, so that it outlives Redis, greyed and with its age.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

from webapp.monitor.view import Minute, RunningTask

VERSION = 1  # A reader of another version knows nothing rather than something wrong.
KEY, MINUTES_KEY = "bellhop:snapshot", "bellhop:minutes"
KEEP_SECONDS = 3600
DAY_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class WorkerAnswer:
    """What one worker said of itself; None is what it did not say."""

    name: str
    reserved: int | None
    registered: tuple[str, ...] | None
    memory_mb: float | None


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """One sample by inspect. `tasks` is None where no worker answered."""

    taken_at: datetime
    tasks: tuple[RunningTask, ...] | None
    answers: tuple[WorkerAnswer, ...]


def encode(snapshot: Snapshot) -> str:
    """The snapshot as text, with its version."""
    return json.dumps({"version": VERSION} | asdict(snapshot), default=datetime.isoformat)


def decode(text: str | None) -> Snapshot | None:
    """The snapshot in a text; None where there is none, or none that can be understood."""
    try:
        kept = json.loads(text or "null")
        if kept is None or kept.pop("version") != VERSION:
            return None
        return Snapshot(
            taken_at=datetime.fromisoformat(kept["taken_at"]),
            tasks=None if kept["tasks"] is None else tuple(RunningTask(**task) for task in kept["tasks"]),
            answers=tuple(_answer(answer) for answer in kept["answers"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _answer(kept: Mapping[str, Any]) -> WorkerAnswer:
    names = kept["registered"]
    return WorkerAnswer(**{**kept, "registered": None if names is None else tuple(names)})


def writer(snapshot: Snapshot) -> Callable[[Redis], object]:
    """A question to Redis that keeps this snapshot for an hour."""
    return lambda client: client.set(KEY, encode(snapshot), ex=KEEP_SECONDS)


def minute_writer(minute: Minute) -> Callable[[Redis], object]:
    """A question that keeps this minute, once however often it is written, and drops those older than a day."""
    number = int(minute.start.timestamp()) // 60
    point = json.dumps([number, minute.waiting, minute.running, minute.sent, minute.failed])

    def write(client: Redis) -> object:
        with client.pipeline() as pipe:
            pipe.zremrangebyscore(MINUTES_KEY, number, number)
            pipe.zadd(MINUTES_KEY, {point: number})
            pipe.zremrangebyscore(MINUTES_KEY, "-inf", number - DAY_MINUTES)
            pipe.expire(MINUTES_KEY, DAY_MINUTES * 60)
            return pipe.execute()

    return write


def minutes_of(points: list[str]) -> tuple[Minute, ...]:
    """The minutes in what Redis kept, oldest first."""
    return tuple(_minute(*json.loads(point)) for point in points)


def _minute(number: int, waiting: int, running: int, sent: int, failed: int) -> Minute:
    start = datetime.fromtimestamp(number * 60, UTC)
    return Minute(start=start, waiting=waiting, running=running, sent=sent, failed=failed)
