"""Removing what killed askers left behind: reply lists of inspect, which never expire by themselves.

The sampler sweeps them by itself; an admin may count them and drop them at once.
"""

from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import ResponseError

PATTERN = "*.reply.celery.pidbox"
IDLE_SECONDS = 60
STEPS, KEYS_A_STEP = 10, 500


@dataclass(frozen=True)
class Found:
    """How many orphaned lists there are, and whether all keys were looked at."""

    orphans: int
    is_all: bool


def count(client: Redis) -> Found:
    """Count them, in as many steps as one sweep takes."""
    cursor, found = 0, 0
    for _ in range(STEPS):
        keys: Any
        cursor, keys = client.scan(cursor, match=PATTERN, count=KEYS_A_STEP, _type="list")
        found += len(_idle(client, keys))
        if cursor == 0:
            break
    return Found(found, cursor == 0)


class Sweep:
    """Walks the keys in bounded steps, going on where it stopped."""

    def __init__(self) -> None:
        self._cursor = 0

    @property
    def is_done(self) -> bool:
        """Whether the last step came to the end of the keys."""
        return self._cursor == 0

    def step(self, client: Redis) -> int:
        """Remove the lists of that name that nobody has touched for a minute; how many."""
        removed = 0
        for _ in range(STEPS):
            # The type matters: the set of bindings of these lists has the same ending.
            keys: Any
            self._cursor, keys = client.scan(self._cursor, match=PATTERN, count=KEYS_A_STEP, _type="list")
            removed += _remove_idle(client, keys)
            if self._cursor == 0:
                break
        return removed


def _remove_idle(client: Redis, keys: list[str]) -> int:
    old = _idle(client, keys)
    return int(client.unlink(*old)) if old else 0


def _idle(client: Redis, keys: list[str]) -> list[str]:
    """Those that nobody has touched for a minute."""
    with client.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.object("idletime", key)
        idle = pipe.execute(raise_on_error=False) if keys else []
    # Under an LFU policy Redis does not tell; a list that was taken meanwhile has no idle time either.
    return [key for key, seconds in zip(keys, idle, strict=True) if _is_old(seconds)]


def _is_old(seconds: object) -> bool:
    return not isinstance(seconds, ResponseError) and isinstance(seconds, int) and seconds > IDLE_SECONDS
