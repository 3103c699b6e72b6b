"""The marks beside the database, in DATA_DIR and in Redis: its epoch when they were written.

There are two places, because a restore may also put one of them back. A place that is missing or unreadable is ignored.
"""

import json
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from webapp.monitor.redis import broker
from webapp.monitor.redis.broker import Down
from webapp.settings import current

FILE = "database.mark"
KEY = "bellhop:mark:"  # The database's name follows: two databases may share one Redis.
KEEP_SECONDS = 400 * 86_400
MOST_NAMES = 8  # Databases that are remembered in one DATA_DIR.
_writing = threading.Lock()


@dataclass(frozen=True, order=True)
class Mark:
    """The epoch of a database, when it began (by its own clock), and in which run."""

    epoch: int
    at: datetime
    run: str


@dataclass(frozen=True)
class Beside:
    """The marks of one database in both places, and why a place could not be read."""

    in_file: Mark | None = None
    in_redis: Mark | None = None
    file_problem: str = ""
    redis_problem: str = ""

    @property
    def all(self) -> list[Mark]:
        return [mark for mark in (self.in_file, self.in_redis) if mark]

    def lacks(self, mark: Mark) -> bool:
        """Whether a place is behind this mark."""
        return any(known is None or known.epoch < mark.epoch for known in (self.in_file, self.in_redis))


def read(name: str) -> Beside:
    """Returns the marks of a database. Read them before its row: they may only be behind it."""
    found, file_problem = _file()
    kept, redis_problem = None, ""
    try:
        kept = broker.of_app().ask(lambda client: client.get(KEY + name))
    except Down as error:
        redis_problem = str(error)
    return Beside(_mark(found.get(name)), _mark(_parsed(kept)), file_problem, redis_problem)


def write(name: str, mark: Mark) -> None:
    """Write a mark in both places; a place that cannot be written is skipped."""
    with suppress(OSError), _writing:  # A full disk, or no right to write: doctor reports it.
        _write_file(name, mark)
    text = json.dumps(_plain(mark))
    with suppress(Down):
        broker.of_app().ask(lambda client: client.set(KEY + name, text, ex=KEEP_SECONDS))


def path() -> Path:
    """Returns the path of the file."""
    return current().data_dir / FILE


def _write_file(name: str, mark: Mark) -> None:
    current().data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = _file()[0] | {name: _plain(mark)}
    newest = sorted(kept, key=lambda known: str(kept[known].get("at")), reverse=True)[:MOST_NAMES]
    kept = {known: kept[known] for known in {name, *newest}}
    # Moved into its place, so that nobody reads half a file.
    draft = path().with_name(f"{FILE}.{os.getpid()}")
    handle = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "w") as written:
        json.dump(kept, written)
    draft.replace(path())


def _file() -> tuple[dict[str, dict[str, Any]], str]:
    """Returns the entries of the file by name, and why it cannot be read."""
    try:
        kept = json.loads(path().read_text())
    except FileNotFoundError:
        return {}, ""
    except (OSError, ValueError) as error:
        return {}, getattr(error, "strerror", None) or "It holds no mark."
    entries = kept.items() if isinstance(kept, dict) else ()
    return {name: entry for name, entry in entries if isinstance(entry, dict)}, ""


def _parsed(text: object) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _mark(entry: object) -> Mark | None:
    """Returns the mark of an entry; None if it is not valid."""
    if not isinstance(entry, Mapping):
        return None
    try:
        return Mark(int(entry["epoch"]), datetime.fromisoformat(entry["at"]).astimezone(UTC), str(entry["run"]))
    except (KeyError, TypeError, ValueError):
        return None


def _plain(mark: Mark) -> dict[str, Any]:
    return {"epoch": mark.epoch, "at": mark.at.isoformat(), "run": mark.run}
