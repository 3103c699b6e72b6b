"""How code reads and writes: in which transaction, by which clock, and who won a contested change."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    DateTime,
    Dialect,
    Integer,
    UpdateBase,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator

from webapp import clock, faults
from webapp.database import outcome, sqlite, waits
from webapp.database.waits import WATCH, Waits, Watch, watch
from webapp.extensions import Model, db
from webapp.faults import TROUBLE, Fault

_turns = threading.Lock()


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


def read_now() -> datetime:
    """Returns the database's own time, read once: for rows that must agree about it."""
    return db.session.scalars(select(now())).one()


def upsert(model: type[Model]) -> Any:
    """Returns an INSERT of this database's dialect, which knows what to do on a conflict."""
    return (sqlite_dialect.insert if db.engine.dialect.name == "sqlite" else postgresql.insert)(model)


@compiles(Later, "postgresql")
def _later_on_postgresql(element: Later, compiler: Any, **kw: Any) -> str:
    # Unlike now(), clock_timestamp() moves on within a transaction: a claim that waited for a lock is not early.
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


@compiles(Later, "sqlite")
def _later_on_sqlite(element: Later, compiler: Any, **kw: Any) -> str:
    return f"bellhop_later({compiler.process(element.clauses, **kw)})"


def prepare(app: Flask, bounds: Waits) -> None:
    """Give an app's engine its manners; call once, right after it is made."""
    engine, made = db.engine, Watch(bounds)
    app.extensions[WATCH] = made
    waits.set_up(engine, made)
    if engine.dialect.name == "sqlite":
        sqlite.set_up(engine, bounds.busy)


@contextmanager
def writing(*, is_act: bool = True) -> Iterator[None]:
    """One write transaction: ends any read before it, commits at the end, rolls back on an error.

    `is_act=False`: it is bookkeeping, and says nothing about whether what was asked for was done.
    """
    db.session.rollback()
    if is_act:
        outcome.tally().begun += 1
    with _turn() as until:
        db.session.connection(execution_options={"writes_until": until})
        try:
            yield
            db.session.flush()  # Whatever fails from here on is the commit itself.
            with outcome.committing() if is_act else nullcontext():
                db.session.commit()
            watch().wrote()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def writing_rows() -> Iterator[Connection]:
    """The same on a bare connection, for the lane's prebuilt statements: a session would cost more than they do."""
    db.session.rollback()
    with _turn() as until, db.engine.connect() as connection:
        connection.execution_options(writes_until=until)
        with connection.begin():
            yield connection


@contextmanager
def reading_rows() -> Iterator[Connection]:
    """A bare connection to read by; holds nothing afterwards."""
    with db.engine.connect() as connection:
        yield connection


@contextmanager
def _turn() -> Iterator[float]:
    """Let the threads of a process write to SQLite in turn: each wakes the moment that the one before it is done.

    SQLite itself only asks again after pauses that grow to 100 ms, so of many threads most would sleep while the
    file is free. Whoever had no turn in time goes on all the same, and SQLite says that it is locked. Yields until
    when the lock of the file may be waited for: both waits together are one.
    """
    seconds = sqlite.patience()
    until = clock.monotonic() + seconds
    mine = db.engine.dialect.name == "sqlite" and _turns.acquire(timeout=seconds)
    try:
        yield until
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


def trouble() -> Fault | None:
    """What keeps the database from answering, if anything."""
    try:
        with reading():
            db.session.execute(text("SELECT 1"))
    except TROUBLE as error:
        return faults.of(error) or faults.AWAY
    return None


def answers() -> bool:
    """Whether the database answers at all."""
    return trouble() is None


# SQLite numbers rows by itself only in a column of type INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
