"""How code reads and writes rows: transactions, the database's clock, and guarded updates."""

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
    func,
    select,
    text,
)  # fmt: skip
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
    """The SQL behind `later`."""

    type = UtcDateTime()
    inherit_cache = True
    name = "later"


def later(seconds: float) -> ColumnElement[datetime]:
    """Returns SQL for the database's time, `seconds` from now. Deliveries trust no other clock."""
    return Later(seconds)


def now() -> ColumnElement[datetime]:
    """Returns SQL for the database's time."""
    return Later(0.0)


# For conditions: PostgreSQL uses no index for a clock that ticks within the statement, and would read every row.
ASKED_ONCE = select(now()).scalar_subquery()


def read_now() -> datetime:
    """Returns the database's time, read once, for rows that must agree about it."""
    return db.session.scalars(select(now())).one()


def upsert(model: type[Model]) -> Any:
    """Returns an INSERT of this database's dialect, which has `on_conflict_…`."""
    return (sqlite_dialect.insert if db.engine.dialect.name == "sqlite" else postgresql.insert)(model)


@compiles(Later, "postgresql")
def _later_on_postgresql(element: Later, compiler: Any, **kw: Any) -> str:
    # clock_timestamp() moves on within a transaction, now() does not: a claim may have waited for a lock.
    return f"(clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **kw)}))"


@compiles(Later, "sqlite")
def _later_on_sqlite(element: Later, compiler: Any, **kw: Any) -> str:
    return f"bellhop_later({compiler.process(element.clauses, **kw)})"


def prepare(app: Flask, bounds: Waits) -> None:
    """Set up an app's engine, right after it is made."""
    engine = db.engine
    waits.set_up(engine, app.extensions.setdefault(WATCH, Watch(bounds)))
    if engine.dialect.name == "sqlite":
        sqlite.set_up(engine, bounds.busy)


@contextmanager
def writing(*, is_act: bool = True) -> Iterator[None]:
    """Open a write transaction: end any read, commit at the end, roll back on an error.

    `is_act=False` is bookkeeping: it does not count towards the outcome of the request.
    """
    db.session.rollback()
    if is_act:
        outcome.tally().begun += 1
    with _turn() as until:
        db.session.connection(execution_options={"writes_until": until})
        try:
            yield
            db.session.flush()  # Only the commit itself can fail after this.
            with outcome.committing() if is_act else nullcontext():
                db.session.commit()
            watch().wrote()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def writing_rows() -> Iterator[Connection]:
    """Open a write transaction on a bare connection: a session costs more than the prebuilt statements of a claim."""
    db.session.rollback()
    with _turn() as until, db.engine.connect() as connection:
        connection.execution_options(writes_until=until)
        with connection.begin():
            yield connection


@contextmanager
def reading_rows() -> Iterator[Connection]:
    """Read on a bare connection, then hold nothing."""
    with db.engine.connect() as connection:
        yield connection


@contextmanager
def _turn() -> Iterator[float]:
    """Let the threads of a process write to SQLite in turn: each wakes the moment the one before it is done.

    SQLite itself polls with pauses that grow to 100 ms, so most of many threads would sleep while the file is free.
    A thread that gets no turn in time goes on, and SQLite says that it is locked. Yields the moment until which the
    file's lock may be waited for, so that both waits share one limit.
    """
    seconds = sqlite.patience()
    until = clock.monotonic() + seconds
    has_turn = db.engine.dialect.name == "sqlite" and _turns.acquire(timeout=seconds)
    try:
        yield until
    finally:
        if has_turn:
            _turns.release()


def changed(statement: UpdateBase, values: dict[str, Any] | None = None) -> int:
    """Run a guarded UPDATE or DELETE in a write block. Returns the number of changed rows, which says who won."""
    options = {"synchronize_session": False}
    return cast("CursorResult[Any]", db.session.execute(statement, values, execution_options=options)).rowcount


def one_by_one(subject: str) -> None:
    """Let write blocks about one subject run one after another, so that the second sees what the first did.

    SQLite has one writer at a time anyway. PostgreSQL has no row to lock before a subject's first row.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(func.pg_advisory_xact_lock(func.hashtext(subject))))


@contextmanager
def reading() -> Iterator[None]:
    """Read, then hold no transaction: for processes whose context outlives a request."""
    try:
        yield
    finally:
        db.session.rollback()


def trouble() -> Fault | None:
    """Returns the fault that keeps the database from answering, or None."""
    try:
        with reading():
            db.session.execute(text("SELECT 1"))
    except TROUBLE as error:
        return faults.of_error(error) or faults.AWAY
    return None


# SQLite numbers rows only in a column of type INTEGER.
BigId = BigInteger().with_variant(Integer(), "sqlite")
