"""How long a thread may wait for the database, and when it fails at once because the database is known to be silent.

The server's limits end a statement that it works on. If the server says nothing at all (a firewall drops packets, a
proxy hangs), the client gives up: TCP alone would wait for minutes, or for ever.
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

WATCH = "bellhop_database_watch"  # Its key in `app.extensions`.
QUIET_SECONDS = 1.0  # After a wait in vain nobody connects for this long. Then one thread tries, and the others follow.
PING_SECONDS = 2  # An idle connection that takes longer is dead.
SUSPECT_SECONDS = 1.5  # A wait of this length is unusual.
TROUBLE_SECONDS = 15.0  # A refused write is reported for at least this long: small writes may fit where large do not.
FORGOTTEN_SECONDS = 60  # A forgotten transaction must not hold rows for ever.
SLACK = 1.0  # The client waits a little longer than the server works, because the server's answer says more.


@dataclass(frozen=True)
class Waits:
    """The limits of one kind of process, in seconds. None means no limit."""

    connect: int  # Psycopg takes whole seconds, 2 at least.
    statement: int | None
    lock: int | None
    pool: int
    busy: int  # SQLite's one write lock.


# A page answers within 8 s: 2 s for a dead connection and 3 s for a new one, or 6 s for a statement.
WEB = Waits(connect=3, statement=5, lock=4, pool=3, busy=6)
# Sweeps and pruning read whole tables. A row that a person has locked is left for the next turn.
WORKER = Waits(connect=5, statement=60, lock=5, pool=30, busy=10)
# Migrations and demo rows take as long as they take.
COMMAND = Waits(connect=5, statement=None, lock=None, pool=30, busy=30)


class Watch:
    """What one process knows about its database: whether it is silent, and whether it takes writes."""

    def __init__(self, waits: Waits) -> None:
        self.waits = waits
        self._lock = threading.Lock()
        self._quiet_until = 0.0
        self._is_silent = False
        self._asking: dict[int, float] = {}
        self._refusal: tuple[Fault, float] | None = None
        self._written = 0.0

    def admit(self) -> None:
        """Let a thread connect. While the database is silent, only one thread tries now and then.

        Raises:
            psycopg.OperationalError: the database did not answer a moment ago.
        """
        with self._lock:
            if clock.monotonic() < self._quiet_until:
                raise psycopg.OperationalError("The database did not answer a moment ago.")
            if self._is_silent:
                self._quiet_until = clock.monotonic() + self.waits.connect + SLACK

    def silent(self) -> None:
        """Record that the database did not answer in time, or could not be reached."""
        with self._lock:
            self._is_silent, self._quiet_until = True, clock.monotonic() + QUIET_SECONDS

    def answered(self) -> None:
        """Record that a connection was made, or refused at once."""
        with self._lock:
            self._is_silent, self._quiet_until = False, 0.0

    @contextmanager
    def asking(self) -> Iterator[None]:
        """Record that this thread waits for an answer."""
        me = threading.get_ident()
        self._asking[me] = clock.monotonic()
        try:
            yield
        finally:
            self._asking.pop(me, None)

    def is_suspect(self) -> bool:
        """Returns whether the database is silent, or a thread has waited unusually long."""
        now = clock.monotonic()
        return now < self._quiet_until or any(now - since > SUSPECT_SECONDS for since in list(self._asking.values()))

    def refused(self, fault: Fault) -> None:
        """Record a refused write."""
        self._refusal = (fault, clock.monotonic())

    def wrote(self) -> None:
        """Record a committed write."""
        self._written = clock.monotonic()

    def refusal(self) -> Fault | None:
        """Returns why the database takes no writes, as far as this process knows; None if it takes them."""
        if self._refusal is None:
            return None
        fault, at = self._refusal
        return fault if self._written < at or clock.monotonic() - at < TROUBLE_SECONDS else None


def watch() -> Watch:
    """Returns the watch of the current app."""
    return cast("Watch", current_app.extensions[WATCH])


class PatientConnection(psycopg.Connection[Any]):
    """A connection on which every wait ends. After a wait in vain it is closed and never used again."""

    watch: Watch
    bound: float | None = None
    is_pooled = False  # Whether a pooler may change the server's end between two transactions.

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer.

        Raises:
            psycopg.OperationalError: no answer came in time.
        """
        try:
            with self.watch.asking():
                return super().wait(gen, interval, timeout or self.bound)
        except _WaitTimeout as error:
            self.pgconn.finish()  # Unlike a cancel, it sends nothing and waits for nothing.
            self.watch.silent()
            raise psycopg.OperationalError("The database did not answer in time.") from error


def set_up(engine: Engine, watch: Watch) -> None:
    """Limit all waits of an engine, and record what its errors say about writes."""
    event.listen(engine, "handle_error", lambda context: _record_refusal(watch, context))
    if engine.dialect.name != "postgresql":
        return
    waits = watch.waits
    event.listen(engine, "do_connect", lambda _dialect, _record, args, options: _connect(watch, args, options))
    event.listen(engine, "connect", lambda connection, _record: _limit_session(connection, waits))

    @event.listens_for(engine, "begin")
    def limit_once(connection: Connection) -> None:
        if is_pooled(connection):
            connection.exec_driver_sql(_limits(waits, for_transaction=True))

    @event.listens_for(engine, "checkout")
    def lend(connection: PatientConnection, _record: Any, _proxy: Any) -> None:
        connection.bound = None if waits.statement is None else waits.statement + SLACK

    @event.listens_for(engine, "checkin")
    def take_back(connection: PatientConnection | None, _record: Any) -> None:
        if connection is not None:
            connection.bound = PING_SECONDS  # Its next use begins with a ping.


def _connect(watch: Watch, args: Any, options: Any) -> PatientConnection:
    watch.admit()
    begun = clock.monotonic()
    try:
        with watch.asking():
            connection = PatientConnection.connect(*args, **options)
    except psycopg.OperationalError:
        # A refusal at once costs no time, so the next thread may try at once too.
        if clock.monotonic() - begun < SUSPECT_SECONDS:
            watch.answered()
        else:
            watch.silent()
        raise
    watch.answered()
    connection.watch, connection.bound = watch, PING_SECONDS
    return connection


def is_pooled(connection: Connection) -> bool:
    """Returns whether a pooler stands between this connection and its server."""
    return bool(getattr(connection.connection.dbapi_connection, "is_pooled", False))


def _limit_session(connection: PatientConnection, waits: Waits) -> None:
    """Send the server this session's limits, unless a pooler may lend the session to others."""
    connection.autocommit = True
    row = connection.execute("SELECT pg_backend_pid()").fetchone()
    # A pooler makes up its own process id.
    connection.is_pooled = row is None or row[0] != connection.info.backend_pid
    if connection.is_pooled:
        connection.prepare_threshold = None  # A prepared statement may be missing in the next transaction.
    else:
        connection.execute(_limits(waits, for_transaction=False).encode())
    connection.autocommit = False


def _limits(waits: Waits, *, for_transaction: bool) -> str:
    """Returns the statement that sets the server's limits. Poolers refuse them as connection options."""
    limits = {
        "statement_timeout": waits.statement,
        "lock_timeout": waits.lock,
        "idle_in_transaction_session_timeout": FORGOTTEN_SECONDS,
    }
    calls = (f"set_config('{name}', '{value}s', {for_transaction})" for name, value in limits.items() if value)
    return f"SELECT {', '.join(calls)}"


def _record_refusal(watch: Watch, context: Any) -> None:
    fault = faults.of_error(context.sqlalchemy_exception) if context.sqlalchemy_exception else None
    if fault in (faults.READ_ONLY, faults.FULL):
        watch.refused(fault)


def engine_options(url: str, waits: Waits) -> dict[str, Any]:
    """Returns SQLAlchemy's engine options for the database behind a URL."""
    if url.startswith("sqlite"):
        return {"connect_args": {"timeout": waits.busy, "check_same_thread": False}}
    return {
        # A connection may have died since its last use.
        "pool_pre_ping": True,
        # One for each slot of a worker, and more for its housekeeper.
        "pool_size": 20,
        "max_overflow": 20,
        "pool_timeout": waits.pool,
        "connect_args": {
            "connect_timeout": waits.connect,
            # Keeps an idle connection open through a firewall, and notices within 11 s that its other end is gone.
            "keepalives": 1,
            "keepalives_idle": 5,
            "keepalives_interval": 2,
            "keepalives_count": 3,
            # The same for data that was sent and never acknowledged, in milliseconds.
            "tcp_user_timeout": 11_000 if waits.statement is None else (waits.connect + 2) * 1000,
        },
    }
