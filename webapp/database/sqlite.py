"""SQLite's manners: a file that its owner alone reads, how a write begins, and how long it waits for the one lock.

A transaction that reads first and writes later fails at once when another writer came between (SQLITE_BUSY_SNAPSHOT;
no timeout helps). So a write block begins IMMEDIATE, and everything else begins deferred and takes no write lock.
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
NO_LONGER = 0.2  # Who waited for the lock in vain waits no second time for the answer to one request.
_STORED = "%Y-%m-%d %H:%M:%S.%f"


class WithHints(SQLiteCompiler):
    """SQLite's own compiler drops hints silently, and a statement that names its index would use another."""

    def get_from_hint_text(self, _table: Any, text: str | None) -> str | None:
        """Say `INDEXED BY …` behind the table, as SQLite wants it."""
        return text


def set_up(engine: Engine, busy: int) -> None:
    """Give an engine of SQLite its manners; `busy`: seconds that its process waits for the lock."""
    engine.dialect.statement_compiler = WithHints
    place = Place(Path(engine.url.database or ""))
    event.listen(engine, "do_connect", lambda *_: place.make())
    event.listen(engine, "connect", lambda *_: place.check())
    event.listen(engine, "checkout", lambda *_: place.check())
    event.listen(engine, "connect", lambda connection, _record: _open(connection, busy))
    event.listen(engine, "begin", lambda connection: _begin(connection, busy))


class Place:
    """Where the file is, and which file it was when this process first opened it.

    A file that is removed or replaced while it is open goes on taking writes, which nobody ever sees again.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._first: tuple[int, int] | None = None  # Known once it was opened.

    def make(self) -> None:
        """Make the file where there was none; one that is gone is not made anew.

        Raises:
            FileGone: it was there before.
        """
        if self._first is not None:
            self.check()
        keep_private(self._file)

    def check(self) -> None:
        """Compare what is there now with what was first there.

        Raises:
            FileGone: it is not the same file.
        """
        if self._file.name in ("", ":memory:"):
            return
        there = self._identity(self._file)
        self._first = self._first or there
        if there != self._first:
            raise FileGone("The file of the database is gone, or another one is in its place.")

    @staticmethod
    def _identity(file: Path) -> tuple[int, int] | None:
        try:
            found = file.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino


def _later(seconds: float) -> str:
    return (clock.now() + timedelta(seconds=seconds)).strftime(_STORED)


def keep_private(file: Path) -> None:
    """Let nobody but its owner read a database's file, whatever the umask, whether it is made here or was before.

    SQLite gives what it keeps beside the file the same rights. The file is not opened where it exists: closing it would
    end the locks that this process has on it.
    """
    if file.name in ("", ":memory:"):
        return
    with suppress(OSError):  # It is there already, or cannot be made: SQLite says which.
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    for kept in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        with suppress(FileNotFoundError, PermissionError):  # It is not there, or is another's to keep.
            if kept.stat().st_mode & 0o077:
                kept.chmod(0o600)


def _open(connection: Any, busy: int) -> None:
    connection.isolation_level = None  # We say BEGIN ourselves; the driver's own habit is the deferred one.
    connection.create_function("bellhop_later", 1, _later)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={_milliseconds(busy)}"):
        connection.execute(f"PRAGMA {pragma}")


def patience() -> float:
    """Seconds that the write lock may be waited for here."""
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
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # SQLite shall say itself what is wrong.
    except OperationalError:
        if has_request_context():
            g.waited_in_vain = True
        raise
    finally:
        raw.execute(f"PRAGMA busy_timeout={_milliseconds(busy)}")


def _begins_writing(raw: Any, until: float) -> bool:
    """Ask for the write lock every millisecond, for as long as SQLite would have waited.

    SQLite's own pauses grow to 100 ms: while others write one after another, a click would sleep through every gap.
    """
    while clock.monotonic() < until:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as refusal:
            if refusal.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(0.001)
        else:
            return True
    return False
