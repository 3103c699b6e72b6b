"""What one pipeline asks of Redis, and how its answer is read."""

from collections.abc import Mapping
from typing import Any

from redis import Redis
from redis.exceptions import NoPermissionError

from webapp import clock
from webapp.celery_app import PRIORITY_LISTS
from webapp.monitor.view import BrokerFigures

# Appending each command, and writing all anew.
WAYS_TO_DISK = ("aof_last_write", "aof_last_bgrewrite", "rdb_last_bgsave")
FULL = "It is full and takes nothing more."
COPY = "It is a copy that can only be read."


def bells(client: Redis) -> int:
    """How many bells wait, over all priorities."""
    with client.pipeline(transaction=False) as pipe:
        _lengths(pipe)
        return sum(pipe.execute())


def read(client: Redis) -> BrokerFigures:
    """All figures, by one round trip of well under a millisecond."""
    begun = clock.monotonic()
    with client.pipeline(transaction=False) as pipe:
        _lengths(pipe)
        pipe.hlen("unacked")
        pipe.zrange("unacked_index", 0, 0, withscores=True)
        pipe.info()
        *counts, info = pipe.execute(raise_on_error=False)
    # Some users may work with a queue and not ask for INFO (-@dangerous): then that alone is unknown.
    if failure := next((one for one in (*counts, info) if isinstance(one, Exception) and not _is_info(one)), None):
        raise failure
    *lengths, unacked, oldest = counts
    info = {} if isinstance(info, Exception) else info
    taken = oldest[0][1] if oldest else None  # By the clock of the worker that took it.
    return BrokerFigures(
        bells=sum(lengths),
        unacked=unacked,
        oldest_unacked=None if taken is None else max(0.0, clock.now().timestamp() - float(taken)),
        version=_version(info),
        clients=_number(info, "connected_clients"),
        memory_used=_number(info, "used_memory"),
        memory_limit=_number(info, "maxmemory"),
        eviction=str(info.get("maxmemory_policy", "")),
        keeps=bool(info["aof_enabled"]) if "aof_enabled" in info else None,
        refusal=_refusal(info),
        latency_ms=(clock.monotonic() - begun) * 1000,
        cannot_write="err" in (info.get(f"{way}_status") for way in WAYS_TO_DISK),
    )


def _is_info(failure: Exception) -> bool:
    """Whether it is INFO that was refused: to this user, or to everybody by a host that has renamed it."""
    words = str(failure).lower()
    return "'info'" in words and (isinstance(failure, NoPermissionError) or "unknown command" in words)


def _number(info: Mapping[str, Any], name: str) -> int | None:
    return int(info[name]) if name in info else None


def _lengths(pipe: Any) -> None:
    for name in PRIORITY_LISTS:
        pipe.llen(name)


def _version(info: Mapping[str, Any]) -> str:
    """Valkey reports the Redis that it can stand for, and its own version beside it."""
    own = info.get("valkey_version")
    if not info:
        return "Redis (INFO is not allowed to its user)"
    return f"Valkey {own}" if own else f"Redis {info.get('redis_version', '')}".strip()


def _refusal(info: Mapping[str, Any]) -> str:
    """Why a Redis that answers questions takes no bells."""
    limit, evicts_anything = int(info.get("maxmemory", 0)), str(info.get("maxmemory_policy", "")).startswith("allkeys")
    if limit and int(info.get("used_memory", 0)) >= limit and not evicts_anything:
        return FULL
    if info.get("role") == "slave":
        return COPY
    if info.get("aof_last_write_status") == "err":
        return "It cannot write to its disk, and takes nothing until it can."
    return ""
