"""Asks Redis for its figures by one pipeline, and reads the answer."""

from collections.abc import Mapping
from typing import Any

from redis import Redis
from redis.exceptions import NoPermissionError

from webapp import clock
from webapp.celery_app import PRIORITY_LISTS
from webapp.i18n import N_
from webapp.monitor.view import BrokerFigures

# The three ways of writing to disk.
WAYS_TO_DISK = ("aof_last_write", "aof_last_bgrewrite", "rdb_last_bgsave")
FULL = N_("Redis is full and accepts nothing more.")
COPY = N_("This Redis is a read-only replica.")


def bells(client: Redis) -> int:
    """Returns how many bells wait, over all priorities."""
    with client.pipeline(transaction=False) as pipe:
        _lengths(pipe)
        return sum(pipe.execute())


def read(client: Redis) -> BrokerFigures:
    """Returns all figures, by one round trip of well under a millisecond."""
    begun = clock.monotonic()
    with client.pipeline(transaction=False) as pipe:
        _lengths(pipe)
        pipe.hlen("unacked")
        pipe.info()
        *counts, info = pipe.execute(raise_on_error=False)
    # Some users may use the queue but not ask for INFO (-@dangerous): then only INFO is unknown.
    if failure := next((one for one in (*counts, info) if isinstance(one, Exception) and not _is_info(one)), None):
        raise failure
    *lengths, unacked = counts
    info = {} if isinstance(info, Exception) else info
    return BrokerFigures(
        bells=sum(lengths),
        unacked=unacked,
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
    """Returns whether INFO was refused: to this user, or to everybody because the host renamed it."""
    words = str(failure).lower()
    return "'info'" in words and (isinstance(failure, NoPermissionError) or "unknown command" in words)


def _number(info: Mapping[str, Any], name: str) -> int | None:
    return int(info[name]) if name in info else None


def _lengths(pipe: Any) -> None:
    for name in PRIORITY_LISTS:
        pipe.llen(name)


def _version(info: Mapping[str, Any]) -> str:
    """Returns name and version. Valkey reports a Redis version too, for compatibility."""
    if not info:
        return "Redis (INFO is not allowed to its user)"
    own = info.get("valkey_version")
    return f"Valkey {own}" if own else f"Redis {info.get('redis_version', '')}".strip()


def _refusal(info: Mapping[str, Any]) -> str:
    """Returns why a Redis that answers takes no bells, or ""."""
    limit, evicts_anything = int(info.get("maxmemory", 0)), str(info.get("maxmemory_policy", "")).startswith("allkeys")
    if limit and int(info.get("used_memory", 0)) >= limit and not evicts_anything:
        return FULL
    if info.get("role") == "slave":
        return COPY
    if info.get("aof_last_write_status") == "err":
        return N_("Redis cannot write to its disk, and accepts nothing until it can.")
    return ""
