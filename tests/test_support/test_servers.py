"""Real processes start, are ready, can be frozen, killed and started again, and are gone afterwards."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from tests.support.processes import Process, system_environment
from tests.support.servers import Postgres, Valkey, Web, Worker
from tests.support.waiting import until


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    with Valkey(tmp_path) as valkey:
        yield valkey


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with Postgres() as postgres:
        yield postgres


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    return system_environment() | {"DATA_DIR": str(tmp_path)}


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_broker_keeps_what_it_was_told_through_a_kill(valkey: Valkey) -> None:
    valkey.call("LPUSH", "notifications", "bell")
    valkey.call("WAITAOF", 1, 0, 2000, timeout=5)

    valkey.kill()
    valkey.start()

    assert valkey.call("LRANGE", "notifications", 0, -1) == ["bell"]
    assert valkey.call("CONFIG", "GET", "maxmemory-policy")["maxmemory-policy"] == "noeviction"


def test_a_broker_can_be_flushed_frozen_and_thawed(valkey: Valkey) -> None:
    valkey.call("SET", "key", "value")
    valkey.flush()
    valkey.freeze()
    with pytest.raises(redis.exceptions.TimeoutError):
        valkey.call("PING", timeout=0.1)

    valkey.thaw()

    assert valkey.call("GET", "key") is None


def test_a_broker_takes_settings_and_ends_when_asked(tmp_path: Path) -> None:
    with Valkey(tmp_path, maxmemory="5mb") as valkey:
        assert valkey.call("CONFIG", "GET", "maxmemory")["maxmemory"] == str(5 * 1024 * 1024)
        assert valkey.stop() == 0
        assert not valkey.is_running


def test_a_database_is_made_fresh_each_time(postgres: Postgres) -> None:
    for _ in range(2):
        url = postgres.create_database("fresh")
        with psycopg.connect(postgres.dsn("fresh")) as connection:
            connection.execute("CREATE TABLE once (id int)")

    assert url.startswith("postgresql+psycopg://")


@pytest.mark.parametrize("end", [Postgres.stop, Postgres.kill])
def test_a_database_server_comes_back_with_its_rows(postgres: Postgres, end: Callable[[Postgres], None]) -> None:
    postgres.create_database("kept")
    with psycopg.connect(postgres.dsn("kept")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS id")

    end(postgres)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgres.dsn("kept"))
    postgres.start()

    with psycopg.connect(postgres.dsn("kept")) as connection:
        assert connection.execute("SELECT id FROM kept").fetchone() == (7,)


def test_a_web_process_is_ready_when_it_says_so(env: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "healthz").write_text("ok")
    serve = f"import os, http.server as h; os.chdir({str(tmp_path)!r}); h.test(h.SimpleHTTPRequestHandler, port=int(os.environ['PORT']), bind='127.0.0.1')"  # noqa: E501

    with Web(env, command=[sys.executable, "-c", serve]) as web:
        pid = web.pid
        assert web.is_ready()

    assert not is_there(pid)


def test_a_worker_is_ready_when_its_log_says_so(env: dict[str, str]) -> None:
    talk = "import time; print('node@host ready.'); time.sleep(60)"

    with Worker(env, command=[sys.executable, "-c", talk]) as worker:
        assert "node@host ready." in worker.tail()


def test_a_process_that_ends_at_its_start_shows_its_log(env: dict[str, str]) -> None:
    process = Worker(env, command=[sys.executable, "-c", "print('no secret'); exit(3)"])

    with pytest.raises(AssertionError, match="ended with 3") as failure:
        process.start()

    assert "no secret" in failure.value.__notes__[0]


def test_a_failing_test_shows_the_log_of_its_processes(env: dict[str, str]) -> None:
    with (
        pytest.raises(AssertionError) as failure,
        Worker(env, command=[sys.executable, "-c", "import time; print('all is ready.'); time.sleep(60)"]),
    ):
        raise AssertionError("something else")

    assert "all is ready." in failure.value.__notes__[0]


def test_children_end_with_their_process(env: dict[str, str]) -> None:
    child = f"import subprocess as s; print(s.Popen(['{sys.executable}', '-c', 'import time; time.sleep(60)']).pid); import time; time.sleep(60)"  # noqa: E501
    process = Process([sys.executable, "-c", child], env, name="family")
    with process:
        pid = int(until(lambda: process.output().strip(), within=5, saying="the child was born"))

    until(lambda: not is_there(pid) or _is_zombie(pid), within=5, saying="the child ended")


def _is_zombie(pid: int) -> bool:
    # An orphan's end is reaped by init, where there is one.
    state = Path(f"/proc/{pid}/stat")
    return state.is_file() and state.read_text().rpartition(")")[2].split()[0] == "Z"
