"""Each fault: how it is made, how it is mended, and what is expected meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

import psycopg
import redis

from tests.outages import expected
from tests.outages.desk import Desk
from tests.outages.expected import Expected
from tests.support.network.line import Line, Mode
from tests.support.servers import Postgres

Making = Callable[[Desk, Postgres], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """One thing that is away."""

    what: str
    expected: Expected
    make: Making


def _line(which: Callable[[Desk], Line], mode: Mode) -> Making:
    @contextmanager
    def make(desk: Desk, _server: Postgres) -> Iterator[None]:
        which(desk).be(mode)
        yield
        which(desk).be("pass")

    return make


@contextmanager
def _read_only(desk: Desk, server: Postgres) -> Iterator[None]:
    """As after a switch to a replica: sessions that begin now only read."""
    with psycopg.connect(server.dsn(), autocommit=True) as admin:
        admin.execute("ALTER DATABASE outages SET default_transaction_read_only = on")
        _begin_anew(desk.database)
        yield
        admin.execute("ALTER DATABASE outages RESET default_transaction_read_only")
        _begin_anew(desk.database)


def _begin_anew(line: Line) -> None:
    line.be("drop")
    line.be("pass")


def _broker(*made: str, mended: tuple[str, ...]) -> Making:
    @contextmanager
    def make(desk: Desk, _server: Postgres) -> Iterator[None]:
        desk.house.valkey.call(*made)
        _begin_anew(desk.broker)
        yield
        desk.house.valkey.call(*mended)

    return make


@contextmanager
def _wrong_password(desk: Desk, _server: Postgres) -> Iterator[None]:
    desk.house.valkey.call("CONFIG", "SET", "requirepass", "another")
    _begin_anew(desk.broker)
    yield
    with redis.Redis(port=desk.house.valkey.port, password="another") as admin:
        admin.config_set("requirepass", "")


@contextmanager
def _another_server(desk: Desk, _server: Postgres) -> Iterator[None]:
    """REDIS_URL names the port of a web server."""
    desk.broker.target = desk.house.web.port
    _begin_anew(desk.broker)
    yield
    desk.broker.target = desk.house.valkey.port
    _begin_anew(desk.broker)


def _of_database(desk: Desk) -> Line:
    return desk.database


def _of_broker(desk: Desk) -> Line:
    return desk.broker


FAULTS = (
    Fault("the database drops connections", expected.DATABASE_AWAY, _line(_of_database, "drop")),
    Fault("the database refuses connections", expected.DATABASE_AWAY, _line(_of_database, "refuse")),
    Fault("the database is silent", expected.DATABASE_AWAY, _line(_of_database, "silent")),
    Fault("the database is read-only", expected.DATABASE_READ_ONLY, _read_only),
    Fault("Redis drops connections", expected.BROKER_DOWN, _line(_of_broker, "drop")),
    Fault("Redis refuses connections", expected.BROKER_DOWN, _line(_of_broker, "refuse")),
    Fault("Redis is silent", expected.BROKER_DOWN, _line(_of_broker, "silent")),
    Fault("Redis is read-only", expected.ALL_WELL,
          _broker("REPLICAOF", "127.0.0.1", "1", mended=("REPLICAOF", "NO", "ONE"))),
    Fault("Redis is full", expected.ALL_WELL,
          _broker("CONFIG", "SET", "maxmemory", "1", mended=("CONFIG", "SET", "maxmemory", "0"))),
    Fault("another server answers for Redis", expected.BROKER_DOWN, _another_server),
    Fault("Redis refuses the password", expected.BROKER_DOWN, _wrong_password),
    Fault("Twilio is silent", expected.ALL_WELL, _line(lambda desk: desk.twilio, "silent")),
    Fault("the mail server is silent", expected.ALL_WELL, _line(lambda desk: desk.smtp, "silent")),
)  # fmt: skip
