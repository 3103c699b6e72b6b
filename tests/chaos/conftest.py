"""What the chaos tests share: a seed that is printed, and a database whose time a test moves."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from flask import Flask

from tests.chaos.record import Record
from tests.support.servers import Postgres
from webapp import clock
from webapp.extensions import db


@pytest.fixture(scope="session")
def seed(pytestconfig: pytest.Config) -> int:
    """The seed of all chance in this session's chaos: `--seed` chooses it."""
    return int(pytestconfig.option.seed)


@pytest.fixture(scope="session")
def is_long(pytestconfig: pytest.Config) -> bool:
    return bool(pytestconfig.option.long)


def pytest_configure(config: pytest.Config) -> None:
    if config.option.record:
        config.pluginmanager.register(Record(config))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print the seed, below the failures too."""
    terminalreporter.write_line(f"Chaos ran with --seed={config.option.seed}")


class MovedTime:
    """The time that the database believes; it stands still until it is moved."""

    def __init__(self, tell: psycopg.Connection | None) -> None:
        self.start = self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
        self._tell = tell
        self.reset()

    @property
    def elapsed(self) -> float:
        return (self.now - self.start).total_seconds()

    def reset(self) -> None:
        """Begin again."""
        self.now = self.start
        self.move(0)

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
        if self._tell:
            self._tell.execute("UPDATE bellhop_test.moved SET moment = %s", [self.now])


# Unqualified, clock_timestamp() is then ours: the schema stands before pg_catalog, which must be named for that.
_SHADOW = """
CREATE SCHEMA bellhop_test;
CREATE TABLE bellhop_test.moved AS SELECT pg_catalog.clock_timestamp() AS moment;
CREATE FUNCTION bellhop_test.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT moment FROM bellhop_test.moved';
ALTER DATABASE test SET search_path = bellhop_test, public, pg_catalog;
"""


@pytest.fixture
def moved_time(app: Flask, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[MovedTime]:
    """Time that a test moves, for the host and for the database alike."""
    tell = None
    if db.engine.dialect.name == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        tell = psycopg.connect(server.dsn("test"), autocommit=True)
        tell.execute(_SHADOW)
        db.session.remove()
        db.engine.dispose()  # Only a new connection reads the search path.
    time = MovedTime(tell)
    monkeypatch.setattr(clock, "now", lambda: time.now)
    yield time
    if tell:
        tell.close()
