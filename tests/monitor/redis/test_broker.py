"""What Redis says of itself, and that nobody ever waits long for it."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from tests.support.network.ports import free_port
from tests.support.servers import Valkey
from tests.support.waiting import until
from webapp.celery_app import QUEUE
from webapp.monitor.redis import broker as module
from webapp.monitor.redis.broker import Broker, Down, explain
from webapp.monitor.redis.info import FULL
from webapp.setting_values import redis_url
from webapp.setting_values.redis_url import RedisAddress


def test_bells_of_all_priorities_are_counted(valkey: Valkey, broker: Broker) -> None:
    app = Celery(broker=valkey.url)

    for priority in range(10):
        app.send_task("tasks.deliver", args=[priority], queue=QUEUE, priority=priority)

    assert valkey.call("LLEN", QUEUE) < 10
    assert broker.figures().bells == 10


def test_what_workers_have_taken_is_counted_beside_the_bells(valkey: Valkey, broker: Broker) -> None:
    valkey.call("HSET", "unacked", "tag", "[]")

    figures = broker.figures()

    assert (figures.bells, figures.unacked) == (0, 1)


def test_the_server_describes_itself(broker: Broker) -> None:
    figures = broker.figures()

    assert figures.version.startswith("Valkey ")
    assert figures.eviction == "noeviction"
    assert figures.keeps
    assert figures.memory_used > 0
    assert figures.refusal == ""


def test_a_server_that_is_full_says_so_though_it_answers(valkey: Valkey, broker: Broker) -> None:
    valkey.call("CONFIG", "SET", "maxmemory", "1")

    assert broker.figures().refusal == FULL


def test_a_server_that_cannot_write_to_its_disk_says_so(valkey: Valkey, broker: Broker, tmp_path: Path) -> None:
    assert broker.figures().cannot_write is False

    shutil.rmtree(tmp_path / "valkey")
    valkey.call("BGSAVE")

    until(lambda: broker.figures().cannot_write, within=20, saying="its last write is known to have failed")


def test_a_refused_connection_is_told_as_such() -> None:
    broker = Broker(lambda: RedisAddress("127.0.0.1", free_port()))

    with pytest.raises(Down, match="refuses the connection"):
        broker.figures()


def test_a_wrong_password_is_told_as_such(valkey: Valkey) -> None:
    valkey.call("CONFIG", "SET", "requirepass", "secret")
    broker = Broker(lambda: redis_url.read(valkey.url.replace("//", "//:wrong@")))

    with pytest.raises(Down, match="the password") as refused:
        broker.figures()
    assert "wrong" not in str(refused.value)


def test_a_frozen_server_is_down_within_two_seconds_and_then_at_once(valkey: Valkey, broker: Broker) -> None:
    valkey.freeze()
    begun = time.monotonic()

    for _ in range(50):
        with pytest.raises(Down, match="in time"):
            broker.figures()

    assert time.monotonic() - begun < 2


def test_a_server_that_drips_is_down_within_two_seconds(dripping: str) -> None:
    begun = time.monotonic()

    with pytest.raises(Down, match="in time"):
        Broker(lambda: redis_url.read(dripping)).figures()

    assert time.monotonic() - begun < 2


def test_a_question_that_hangs_is_cut(dripping: str) -> None:
    before = threading.active_count()

    with pytest.raises(Down):
        Broker(lambda: redis_url.read(dripping)).figures()

    until(lambda: threading.active_count() <= before, within=5, saying="no thread is left behind")


def test_a_restart_between_two_questions_is_not_noticed(valkey: Valkey, broker: Broker) -> None:
    broker.figures()

    valkey.stop()
    valkey.start()

    assert broker.figures().bells == 0


def test_it_is_asked_again_some_seconds_after_a_failure(
    valkey: Valkey, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "QUIET_SECONDS", 0.2)
    valkey.stop()
    with pytest.raises(Down):
        broker.figures()

    valkey.start()

    until(broker.figures, within=5, saying="Redis is up again", ignoring=(Down,))


def test_a_name_that_nobody_knows_is_told_as_such() -> None:
    failure = ConnectionError("Error -2 connecting")
    failure.__cause__ = socket.gaierror(-2, "Name or service not known")

    assert explain(failure) == "The host name in REDIS_URL cannot be found."


@pytest.fixture
def dripping() -> Iterator[str]:
    """A server that answers everything with a byte every tenth of a second, for ever."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_drip, args=(listener,), daemon=True).start()
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def _drip(listener: socket.socket) -> None:
    try:
        line, _ = listener.accept()
        with line:
            line.sendall(b"+")
            while True:
                time.sleep(0.1)
                line.sendall(b"O")
    except OSError:
        return
