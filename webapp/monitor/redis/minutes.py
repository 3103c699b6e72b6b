"""The minutes of the last day. Redis keeps each as a point: the state at the minute's end.

A point is a JSON object that names its values, so readers and writers of different versions understand each other. The
first version wrote a list of five numbers; such points are read too.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis

VERSION = 2
KEY = "bellhop:minutes"
DAY_MINUTES = 24 * 60
_FIRST_FORMAT = ("minute", "waiting", "running", "sent", "failed")


@dataclass(frozen=True, kw_only=True)
class Minute:
    """One minute. None means that the value was not known."""

    start: datetime
    waiting: int
    running: int
    sent: int  # Attempts that providers accepted.
    failed: int  # Messages that failed for good.
    tries: int | None = None  # Attempts that ended.
    retried: int | None = None  # Attempts that were not their message's first.
    due_p95: float | None = None  # Seconds from due to hand-over: 95 of 100 first tries took no longer.
    busy: int | None = None  # Slots that were in use.
    slots: int | None = None
    memory: int | None = None  # Bytes that Redis used.


def encode(minute: Minute) -> str:
    """Returns the minute as a point."""
    known = {name: value for name, value in vars(minute).items() if name != "start" and value is not None}
    return json.dumps({"version": VERSION, "minute": _number(minute)} | known, separators=(",", ":"))


def decode(points: Iterable[str]) -> tuple[Minute, ...]:
    """Returns the minutes of the points, in order. Points that cannot be read are left out."""
    return tuple(minute for minute in map(_decode, points) if minute)


def _decode(point: str) -> Minute | None:
    try:
        kept = json.loads(point)
        named: dict[str, Any] = dict(zip(_FIRST_FORMAT, kept, strict=True)) if isinstance(kept, list) else kept
        start = datetime.fromtimestamp(named["minute"] * 60, UTC)
        return Minute(start=start, **{name: named[name] for name in _VALUES if name in named})
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError, OSError):
        return None


_VALUES = tuple(name for name in Minute.__dataclass_fields__ if name != "start")


def writer(minute: Minute) -> Callable[[Redis], object]:
    """Returns a question for `Broker.ask` that stores this minute once and drops minutes older than a day."""
    number, point = _number(minute), encode(minute)

    def write(client: Redis) -> object:
        with client.pipeline() as pipe:
            pipe.zremrangebyscore(KEY, number, number)
            pipe.zadd(KEY, {point: number})
            pipe.zremrangebyscore(KEY, "-inf", number - DAY_MINUTES)
            pipe.expire(KEY, DAY_MINUTES * 60)
            return pipe.execute()

    return write


def day(client: Redis) -> list[str]:
    """Returns all stored points."""
    points: Any = client.zrange(KEY, 0, -1)
    return list(points)


def _number(minute: Minute) -> int:
    return int(minute.start.timestamp()) // 60
