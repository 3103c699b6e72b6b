"""The database's manners: how a transaction begins, what time it is there, and when a write may start.

On SQLite a transaction that reads first and writes later fails at once when another writer came
between (SQLITE_BUSY_SNAPSHOT; no timeout helps). So a write block begins IMMEDIATE, and everything
else begins deferred and takes no write lock.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Engine,
    Integer,
    UpdateBase,
    event,
    text,
)
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from webapp import clock
from webapp.extensions import db

BUSY_SECONDS = 10
_turns = threading.Lock()
_STORED = "%Y-%m-%d %H:%M:%S.%f"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, `timestamptz` on PostgreSQL, UTC text that sorts as time on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Later(FunctionElement[datetime]):
    """SQL for the database's own time, some seconds from now."""

    type = UtcDateTime()
    inherit_cache = True
    name = "later"


def later(seconds: float) -> ColumnElement[datetime]:
    """SQL for the database's own time, `seconds` from now; the only clock that the protocol trusts."""
    return Later(seconds)


def now() -> ColumnElement[datetime]:
    """SQL for the database's own time."""
    return Later(0.0)


@compiles(Later, "postgresql")
def _later_on_postgresql(element: Later, compiler: Any, **kw: Any) -> str:
    # Unlike now(), clock_timestamp() moves on within a transaction: a claim that waited for a lock is not early.
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


@compiles(Later, "sqlite")
def _later_on_sqlite(element: Later, compiler: Any, **kw: Any) -> str:
    return f"bellhop_later({compiler.process(element.clauses, **kw)})"


def _sqlite_later(seconds: float) -> str:
    return (clock.now() + timedelta(seconds=seconds)).strftime(_STORED)


class WithHints(SQLiteCompiler):
    """SQLite's own compiler drops hints silently, and a statement that names its index would use another."""

    def get_from_hint_text(self, _table: Any, text: str | None) -> str | None:
        """Say `INDEXED BY …` behind the table, as SQLite wants it."""
        return text


def prepare(engine: Engine) -> None:
    """Give an engine its manners; call once, right after it is made."""
    if engine.dialect.name == "sqlite":
        engine.dialect.statement_compiler = WithHints
        event.listen(engine, "connect", _open_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _open_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # We say BEGIN ourselves; the driver's own habit is the deferred one.
    connection.create_function("bellhop_later", 1, _sqlite_later)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={BUSY_SECONDS * 1000}"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    if not connection.get_execution_options().get("writes", False):
        connection.exec_driver_sql("BEGIN")
        return
    raw = connection.connection.dbapi_connection
    assert raw is not None
    raw.execute("PRAGMA busy_timeout=0")
    try:
        if not _begins_writing(raw):
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # SQLite shall say itself what is wrong.
    finally:
        raw.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _begins_writing(raw: Any) -> bool:
    """Ask for the write lock every millisecond, for as long as SQLite would have waited.

    SQLite's own pauses grow to 100 ms: while others write one after another, a click would sleep through every gap.
    """
    ends = clock.monotonic() + BUSY_SECONDS
    while clock.monotonic() < ends:
        try:
            raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as refusal:
            if refusal.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                return False
            time.sleep(0.001)
        else:
            return True
    return False


@contextmanager
def writing() -> Iterator[None]:
    """One write transaction: ends any read before it, commits at the end, rolls back on an error."""
    db.session.rollback()
    with _turn():
        db.session.connection(execution_options={"writes": True})
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def writing_rows() -> Iterator[Connection]:
    """The same on a bare connection, for the lane's prebuilt statements: a session would cost more than they do."""
    db.session.rollback()
    with _turn(), db.engine.connect() as connection:
        connection.execution_options(writes=True)
        with connection.begin():
            yield connection


@contextmanager
def reading_rows() -> Iterator[Connection]:
    """A bare connection to read by; holds nothing afterwards."""
    with db.engine.connect() as connection:
        yield connection


@contextmanager
def _turn() -> Iterator[None]:
    """Let the threads of a process write to SQLite in turn: each wakes the moment that the one before it is done.

    SQLite itself only asks again after pauses that grow to 100 ms, so of many threads most would sleep while the
    file is free. Whoever had no turn in time goes on all the same, and SQLite says that it is locked.
    """
    mine = db.engine.dialect.name == "sqlite" and _turns.acquire(timeout=BUSY_SECONDS)
    try:
        yield
    finally:
        if mine:
            _turns.release()


def changed(statement: UpdateBase) -> int:
    """Run a guarded UPDATE or DELETE inside a write block; how many rows it changed says who won."""
    done = cast("CursorResult[Any]", db.session.execute(statement, execution_options={"synchronize_session": False}))
    return done.rowcount


def changed_by(statement: UpdateBase, values: dict[str, Any]) -> int:
    """The same for a prebuilt statement over plain tables, with its values."""
    return cast("CursorResult[Any]", db.session.execute(statement, values)).rowcount


@contextmanager
def reading() -> Iterator[None]:
    """Read, then hold nothing: for processes whose context outlives a request."""
    try:
        yield
    finally:
        db.session.rollback()


def answers() -> bool:
    """Whether the database answers at all."""
    try:
        with reading():
            db.session.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def engine_options(url: str) -> dict[str, Any]:
    """Options that suit the database behind a URL."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
    # A lock that is not ours for 2 s, or a transaction that somebody forgot, must not hold a worker's slot.
    quick = "-c lock_timeout=5s -c idle_in_transaction_session_timeout=60s"
    return {
        "pool_pre_ping": True,
        "pool_size": 20,
        "max_overflow": 20,
        "connect_args": {"options": quick, "connect_timeout": 5},
    }


# SQLite numbers rows by itself only in a column of type INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
