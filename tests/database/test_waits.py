"""No thread waits for the database without an end, and none waits in vain where another just did."""

import re
import time
from collections.abc import Iterator
from urllib.parse import unquote

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError

from tests.support.network.line import Line
from tests.support.servers import Postgres
from tests.support.waiting import until
from webapp import faults
from webapp.database import waits
from webapp.database.waits import COMMAND, WEB, WORKER, Waits, Watch

# Small ones, so that a test takes seconds. Asserted are only bounds that two busy cores keep.
SMALL = Waits(connect=2, statement=1, lock=1, pool=2, busy=1)
BOUND = 8.0


@pytest.fixture
def line(postgres: Postgres) -> Iterator[Line]:
    """A line to PostgreSQL."""
    found = re.search(r"host=([^&]+)", postgres.url("postgres"))
    assert found
    with Line(f"{unquote(found[1])}/.s.PGSQL.5432") as made:
        yield made


@pytest.fixture
def watch() -> Watch:
    return Watch(SMALL)


@pytest.fixture
def engine(line: Line, watch: Watch) -> Iterator[Engine]:
    """An engine as web and worker have one."""
    url = f"postgresql+psycopg://postgres:@127.0.0.1:{line.port}/postgres"
    made = create_engine(url, **waits.engine_options(url, SMALL))
    waits.set_up(made, watch)
    yield made
    line.be("refuse")
    made.dispose()


def seconds_of_failure(engine: Engine, statement: str = "SELECT 1") -> float:
    """How long a statement on a connection of the pool takes to fail."""
    begun = time.monotonic()
    with pytest.raises(OperationalError), engine.connect() as connection:
        connection.execute(text(statement))
    return time.monotonic() - begun


def test_a_connection_that_fell_silent_is_given_up_and_nobody_asks_for_a_moment(
    line: Line, engine: Engine, watch: Watch
) -> None:
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
    line.be("silent")

    assert seconds_of_failure(engine) < BOUND
    assert watch.is_suspect()
    with pytest.raises(psycopg.OperationalError):
        watch.admit()


def test_a_statement_in_the_middle_of_a_transaction_ends_and_so_does_its_rollback(line: Line, engine: Engine) -> None:
    begun = time.monotonic()
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        line.be("silent")
        with pytest.raises(OperationalError) as failure:
            connection.execute(text("SELECT 1"))

    assert time.monotonic() - begun < BOUND
    assert faults.of_error(failure.value) is faults.AWAY


def test_it_goes_on_by_itself_once_the_database_answers(line: Line, engine: Engine) -> None:
    line.be("silent")
    seconds_of_failure(engine)
    line.be("pass")

    def works() -> bool:
        with engine.connect() as connection:
            return connection.scalar(text("SELECT 1")) == 1

    assert until(works, within=60, saying="it is asked again", ignoring=(OperationalError,))


def test_the_server_ends_a_statement_that_takes_too_long(engine: Engine) -> None:
    assert seconds_of_failure(engine, "SELECT pg_sleep(60)") < BOUND


@pytest.fixture
def pooled(line: Line, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that finds a pooler: the number for cancels is not the server's."""
    monkeypatch.setattr(psycopg.ConnectionInfo, "backend_pid", -1)
    url = f"postgresql+psycopg://postgres:@127.0.0.1:{line.port}/postgres"
    made = create_engine(url, **waits.engine_options(url, SMALL))
    waits.set_up(made, Watch(SMALL))
    yield made
    made.dispose()


def test_behind_a_pooler_limits_go_with_each_transaction_and_none_stays(pooled: Engine) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    for _ in range(2):
        with pooled.connect() as connection:
            inside = [connection.scalar(text(f"SHOW {name}")) for name in limits]
            connection.rollback()
            raw = connection.connection.dbapi_connection
            raw.autocommit = True  # type: ignore[union-attr]
            outside = [raw.execute(f"SHOW {name}").fetchone()[0] for name in limits]  # type: ignore[union-attr]
            raw.autocommit = False  # type: ignore[union-attr]
        assert inside == ["1s", "1s", "1min"] and outside == ["0", "0", "0"]


def test_behind_a_pooler_nothing_is_prepared(pooled: Engine, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = []
    for made in (pooled, engine):
        with made.connect() as connection:
            for _ in range(10):
                connection.execute(text("SELECT 42"))
            kept.append(connection.scalar(text("SELECT count(*) FROM pg_prepared_statements")))
        monkeypatch.undo()  # The second finds no pooler.

    assert kept[0] == 0 and kept[1] > 0


@pytest.mark.parametrize("statement", ["SELECT pg_sleep(60)", "SELECT pg_sleep(30), pg_sleep(30)"])
def test_behind_a_pooler_the_server_ends_a_statement_too(pooled: Engine, statement: str) -> None:
    assert seconds_of_failure(pooled, statement) < BOUND


def test_a_row_that_another_holds_is_not_waited_for_without_an_end(engine: Engine) -> None:
    with engine.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(7)"))

        assert seconds_of_failure(engine, "SELECT pg_advisory_xact_lock(7)") < BOUND


def test_one_tries_while_it_is_silent_and_the_others_fail_at_once(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    monkeypatch.setattr(waits.clock, "monotonic", lambda: moment[0])
    watch.silent()
    moment[0] += waits.QUIET_SECONDS

    watch.admit()
    for _ in range(3):
        with pytest.raises(psycopg.OperationalError):
            watch.admit()

    watch.answered()
    watch.admit()


def test_a_refused_write_is_told_until_writes_were_taken_for_a_while(
    watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    monkeypatch.setattr(waits.clock, "monotonic", lambda: moment[0])
    watch.refused(faults.FULL)
    moment[0] += 1
    watch.wrote()
    assert watch.refusal() is faults.FULL  # A small one fitted; a large one may not.

    moment[0] += waits.TROUBLE_SECONDS
    assert watch.refusal() is None


def test_a_page_fits_into_its_eight_seconds() -> None:
    """A dead connection and a new one, or a statement; commands wait as long as it takes."""
    assert waits.PING_SECONDS + WEB.connect <= 6
    assert WEB.statement is not None and WEB.statement + waits.SLACK <= 6
    assert WEB.busy <= 6 and WEB.lock is not None and WEB.lock < WEB.statement
    assert WORKER.statement is not None and WORKER.statement > WEB.statement
    assert COMMAND.statement is None and COMMAND.lock is None
