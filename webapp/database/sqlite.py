"""How SQLite is used: a private file, transactions that begin IMMEDIATE to write, and bounded waits for the one lock.

A transaction that reads first and writes later fails at once if another writer came between (SQLITE_BUSY_SNAPSHOT;
no timeout helps). So a write block begins IMMEDIATE, and every other transaction is deferred and takes no write lock.
"""

import os
import sqlite3
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import g, has_request_context
from sqlalchemy import Connection, Engine, event
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import OperationalError

from webapp import clock
from webapp.database.waits import watch
from webapp.faults import FileGone

BUSY_SECONDS = 10  # At most; a page waits for less.
NO_LONGER = 0.2  # A request that waited for the lock in vain does not wait again.
_STORED = "%Y-%m-%d %H:%M:%S.%f"


class WithHints(SQLiteCompiler):
    """SQLAlchemy's compiler for SQLite drops hints silently; this one keeps `INDEXED BY`."""

    def get_from_hint_text(self, _table: Any, text: str | None) -> str | None:
        """Returns the hint as it stands."""
        return text


def set_up(engine: Engine, busy: int) -> None:
    """Set up an engine of SQLite. `busy`: seconds that its process waits for the lock."""
    engine.dialect.statement_compiler = WithHints
    place = Place(Path(engine.url.database or ""))
    event.listen(engine, "do_connect", lambda *_: place.make())
    event.listen(engine, "connect", lambda *_: place.check())
    event.listen(engine, "checkout", lambda *_: place.check())
    event.listen(engine, "connect", lambda connection, _record: _open(connection, busy))
    event.listen(engine, "begin", lambda connection: _begin(connection, busy))


class Place:
    """Remembers which file this process opened first: a file that was removed or replaced still takes writes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._first: tuple[int, int] | None = None

    def make(self) -> None:
        """Make the file before it is first opened.

        Raises:
            FileGone: it was opened before, and is gone.
        """
        if self._first is not None:
            self.check()
        keep_private(self._file)

    def check(self) -> None:
        """Compare the file with the one that was opened first.

        Raises:
            FileGone: it is not the same file.
        """
        if self._file.name in ("", ":memory:"):
            return
        try:
            found = self._file.stat()
            identity = found.st_dev, found.st_ino
        except OSError:
            identity = None
        self._first = self._first or identity
        if identity != self._first:
            raise FileGone("The file of the database is gone, or another one is in its place.")


def _later(seconds: float) -> str:
    return (clock.now() + timedelta(seconds=seconds)).strftime(_STORED)


def keep_private(file: Path) -> None:
    """Let only its owner read a database's file, whatever the umask, and make the file if there is none.

    SQLite gives the files beside it the same rights. An existing file is not opened: closing it would end the locks
    that this process has on it.
    """
    if file.name in ("", ":memory:"):
        return
    with suppress(OSError):  # It exists, or cannot be made: SQLite will say which.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for path in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        with suppress(FileNotFoundError, PermissionError):  # It does not exist, or belongs to another user.
            if path.stat().st_mode & 0o077:
                path.chmod(0o600)


def _open(connection: Any, busy: int) -> None:
    connection.isolation_level = None  # We send BEGIN ourselves; the driver would always begin deferred.
    connection.create_function("bellhop_later", 1, _later)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_milliseconds(busy)}"):
        connection.execute(f"PRAGMA {pragma}")


def patience() -> float:
    """Returns the seconds that this thread may wait for the write lock."""
    if has_request_context() and g.get("waited_in_vain", False):
        return NO_LONGER
    return min(BUSY_SECONDS, watch().waits.busy)


def _milliseconds(busy: int) -> int:
    return int(1000 * min(BUSY_SECONDS, busy))


def _begin(connection: Connection, busy: int) -> None:
    until = connection.get_execution_options().get("writes_until")
    if until is None:
        connection.exec_driver_sql("BEGIN")
        return
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA busy_timeout=0")
    try:
        if not _begins_writing(raw, until):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # This raises SQLite's own error.
    except OperationalError:
        if has_request_context():
            g.waited_in_vain = True
        raise
    finally:
        raw.execute(f"PRAGMA busy_timeout={_milliseconds(busy)}")


def _begins_writing(raw: Any, until: float) -> bool:
    """Ask for the write lock every millisecond. Returns whether it was given.

    SQLite's own pauses grow to 100 ms: while others write one after another, a click would sleep through every gap.
    """
    while clock.monotonic() < until:
        try:
            raw.execute("BEGIN IMMEDIATE")
            return True
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(0.001)
    return False
