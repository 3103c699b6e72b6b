"""Deletes the reply lists that Celery's inspect leaves in Redis when its caller is killed; they never expire.

The sampler sweeps them. An admin can count them and drop them at once.
"""

from dataclasses import dataclass
from typing import Any

from redis import Redis

PATTERN = "*.reply.celery.pidbox"
IDLE_SECONDS = 60
STEPS, KEYS_A_STEP = 10, 500


@dataclass(frozen=True)
class Found:
    """How many leftover lists there are, and whether all keys were checked."""

    orphans: int
    is_all: bool


def count(client: Redis) -> Found:
    """Count the leftover reply lists, in at most as many steps as one sweep."""
    cursor, orphans = 0, 0
    for _ in range(STEPS):
        cursor, idle = _next_idle(client, cursor)
        orphans += len(idle)
        if cursor == 0:
            break
    return Found(orphans, cursor == 0)


class Sweep:
    """Walks the keys in bounded steps, and continues where it stopped."""

    def __init__(self) -> None:
        self._cursor = 0

    @property
    def is_done(self) -> bool:
        """Whether the last step reached the end of the keys."""
        return self._cursor == 0

    def step(self, client: Redis) -> int:
        """Delete leftover lists. Returns how many."""
        removed = 0
        for _ in range(STEPS):
            self._cursor, idle = _next_idle(client, self._cursor)
            removed += int(client.unlink(*idle)) if idle else 0
            if self._cursor == 0:
                break
        return removed


def _next_idle(client: Redis, cursor: int) -> tuple[int, list[str]]:
    """Returns the next cursor, and those of the scanned lists that nobody has touched for a minute."""
    # The type matters: the set of these lists' bindings has the same ending.
    scanned: Any = client.scan(cursor, match=PATTERN, count=KEYS_A_STEP, _type="list")
    cursor, keys = scanned
    with client.pipeline(transaction=False) as pipe:
        for key in keys:
            pipe.object("idletime", key)
        idle = pipe.execute(raise_on_error=False) if keys else []
    # Under an LFU policy Redis does not tell, and a list that is gone by now has no idle time: both give no number.
    return cursor, [
        key for key, seconds in zip(keys, idle, strict=True) if isinstance(seconds, int) and seconds > IDLE_SECONDS
    ]
