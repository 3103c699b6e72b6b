"""How long a thread may wait for the database, and who fails at once while it is known to be silent.

The server's own limits end a statement that it works on. A server that says nothing at all, behind a firewall that
drops or a proxy that hangs, is given up by the client: TCP alone would wait for minutes, or for ever.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from flask import current_app
from psycopg.errors import _WaitTimeout
from sqlalchemy import Connection, Engine, event

from webapp import clock, faults
from webapp.faults import Fault

WATCH = "bellhop_database_watch"  # Where an app keeps it.
QUIET_SECONDS = 1.0  # After a wait in vain nobody asks for so long; then one asks, and the others follow.
PING_SECONDS = 2  # An idle connection answers at once, or it is a dead one.
SUSPECT_SECONDS = 1.5  # A wait of this length is no longer a usual one.
TROUBLE_SECONDS = 15.0  # A refused write is told for so long at least: small writes may fit where large ones do not.
FORGOTTEN_SECONDS = 60  # A transaction that somebody forgot must not hold rows for ever.
SLACK = 1.0  # The server's own answer is the better one, so the client waits a little longer than the server works.


@dataclass(frozen=True)
class Waits:
    """The bounds of one kind of process, in seconds; None: no bound."""

    connect: int  # Psycopg takes whole seconds, 2 at least.
    statement: int | None
    lock: int | None
    pool: int
    busy: int  # SQLite's one write lock.


# A page answers within 8 s: 2 s for a dead connection and 3 s for a new one, or 6 s for a statement.
WEB = Waits(connect=3, statement=5, lock=4, pool=3, busy=6)
# Sweeps and pruning read whole tables; a row that a person works on is left for the next turn.
WORKER = Waits(connect=5, statement=60, lock=5, pool=30, busy=10)
# Migrations, imports and demo rows take as long as they take.
COMMAND = Waits(connect=5, statement=None, lock=None, pool=30, busy=30)


class Watch:
    """What one process knows of its database: whether it is silent, and whether it takes writes."""

    def __init__(self, waits: Waits) -> None:
        self.waits = waits
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        self._is_silent = False
        self._asking: dict[int, float] = {}
        self._refusal: tuple[Fault, float] | None = None
        self._written = 0.0

    def admit(self) -> None:
        """Let a thread connect; while the database is silent, let one try now and then.

        Raises:
            psycopg.OperationalError: it did not answer a moment ago.
        """
        with self._lock:
            if clock.monotonic() < self._quiet_until:
                raise psycopg.OperationalError("The database did not answer a moment ago.")
            if self._is_silent:
                self._quiet_until = clock.monotonic() + self.waits.connect + SLACK

    def silent(self) -> None:
        """It did not answer in time, or could not be reached."""
        with self._lock:
            self._is_silent, self._quiet_until = True, clock.monotonic() + QUIET_SECONDS

    def answered(self) -> None:
        """A connection was made, or refused at once."""
        with self._lock:
            self._is_silent, self._quiet_until = False, 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Note that this thread waits for an answer."""
        me = threading.get_ident()
        self._asking[me] = clock.monotonic()
        try:
            yield
        finally:
            self._asking.pop(me, None)

    def is_suspect(self) -> bool:
        """Whether it is silent, or some thread has waited for it for longer than is usual."""
        now = clock.monotonic()
        return now < self._quiet_until or any(now - since > SUSPECT_SECONDS for since in list(self._asking.values()))

    def refused(self, fault: Fault) -> None:
        """It refused a write."""
        self._refusal = (fault, clock.monotonic())

    def wrote(self) -> None:
        """It took a write."""
        self._written = clock.monotonic()

    def refusal(self) -> Fault | None:
        """Why it takes no writes, as far as this process knows."""
        if self._refusal is None:
            return None
        fault, at = self._refusal
        return fault if self._written < at or clock.monotonic() - at < TROUBLE_SECONDS else None


def watch() -> Watch:
    """What this process knows of the database of the app that is at work here."""
    return cast("Watch", current_app.extensions[WATCH])


class PatientConnection(psycopg.Connection[Any]):
    """A connection on which every wait has an end; one that waited in vain is closed, and never used again."""

    watch: Watch
    bound: float | None = None
    is_pooled = False  # Whether the server's end changes from one transaction to the next.

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer.

        Raises:
            psycopg.OperationalError: none came in time.
        """
        try:
            with self.watch.asking():
                return super().wait(gen, interval, timeout or self.bound)
        except _WaitTimeout as late:
            self.pgconn.finish()  # Sends no word and waits for none, unlike a cancel.
            self.watch.silent()
            raise psycopg.OperationalError("The database did not answer in time.") from late


def set_up(engine: Engine, watch: Watch) -> None:
    """Bound all waits of an engine, and keep what its errors say about writes."""
    event.listen(engine, "handle_error", lambda context: _note(watch, context))
    if engine.dialect.name != "postgresql":
        return

    @event.listens_for(engine, "do_connect")
    def connect(_dialect: Any, _record: Any, arguments: Any, parameters: Any) -> PatientConnection:
        watch.admit()
        begun = clock.monotonic()
        try:
            with watch.asking():
                made = PatientConnection.connect(*arguments, **parameters)
        except psycopg.OperationalError:
            # A refusal at once costs nobody any time: whoever asks next may find the database there again.
            if clock.monotonic() - begun < SUSPECT_SECONDS:
                watch.answered()
            else:
                watch.silent()
            raise
        watch.answered()
        made.watch, made.bound = watch, PING_SECONDS
        return made

    @event.listens_for(engine, "connect")
    def limit(connection: PatientConnection, _record: Any) -> None:
        _limit_session(connection, watch.waits)

    @event.listens_for(engine, "begin")
    def limit_once(connection: Connection) -> None:
        if is_pooled(connection):
            connection.exec_driver_sql(_limits(watch.waits, for_transaction=True))

    @event.listens_for(engine, "checkout")
    def lend(connection: PatientConnection, _record: Any, _proxy: Any) -> None:
        statement = watch.waits.statement
        connection.bound = None if statement is None else statement + SLACK

    @event.listens_for(engine, "checkin")
    def take_back(connection: PatientConnection | None, _record: Any) -> None:
        if connection is not None:
            connection.bound = PING_SECONDS  # What comes next on it is the ping of its next use.


def is_pooled(connection: Connection) -> bool:
    """Return whether a pooler stands between this connection and its server."""
    return bool(getattr(connection.connection.dbapi_connection, "is_pooled", False))


def _limit_session(connection: PatientConnection, waits: Waits) -> None:
    """Tell the server the limits of this connection, unless a pooler may lend its end to others."""
    connection.autocommit = True
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    # A pooler gives out a number of its own for cancels.
    connection.is_pooled = row is None or row[0] != connection.info.backend_pid
    if connection.is_pooled:
        connection.prepare_threshold = None  # What one transaction prepared is missing in the next.
    else:
        connection.execute(_limits(waits, for_transaction=False).encode())
    connection.autocommit = False


def _limits(waits: Waits, *, for_transaction: bool) -> str:
    """Return the statement that sets the server's limits. Poolers refuse them among the parameters of a start."""
    limits = {
        "statement_timeout": waits.statement,
        "lock_timeout": waits.lock,
        "idle_in_transaction_session_timeout": FORGOTTEN_SECONDS,
    }
    told = (f"set_config('{name}', '{value}s', {for_transaction})" for name, value in limits.items() if value)
    return f"SELECT {', '.join(told)}"


def _note(watch: Watch, context: Any) -> None:
    fault = faults.of(context.sqlalchemy_exception) if context.sqlalchemy_exception else None
    if fault in (faults.READ_ONLY, faults.FULL):
        watch.refused(fault)


def engine_options(url: str, waits: Waits) -> dict[str, Any]:
    """Options that suit the database behind a URL."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": waits.busy, "check_same_thread": False}}
    return {
        # A connection may have died since its last use: one question more finds out before a person does.
        "pool_pre_ping": True,
        # As many as a worker has slots, and more where its housekeeper needs them.
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": waits.pool,
        "connect_args": {
            "connect_timeout": waits.connect,
            # An idle connection through a firewall is kept open, and one whose other end is gone is noticed in 11 s.
            "keepalives": 1,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            # The same for what was sent and never acknowledged, in milliseconds.
            "tcp_user_timeout": 11_000 if waits.statement is None else (waits.connect + 2) * 1000,
        },
    }
