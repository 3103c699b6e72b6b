"""What workers answer, and that those who do not are unknown and cost no time again."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from celery import Celery

from tests.support.servers import Valkey, Worker, environment
from tests.support.waiting import until
from webapp.monitor.workers import inspect
from webapp.monitor.workers.inspect import Inspector, memory_mb, running_task

NAME = "napper@test"


@pytest.fixture
def celery(valkey: Valkey) -> Iterator[Celery]:
    """The asking side."""
    app = Celery(broker=valkey.url)
    yield app
    app.close()


@pytest.fixture
def worker(valkey: Valkey, tmp_path: Path) -> Iterator[Worker]:
    """A worker with two slots."""
    app = "tests.monitor.workers.napping"
    command = [sys.executable, "-m", "celery", "-A", app, "worker", "-n", NAME, "-P", "threads", "-c", "2",
               "-l", "INFO", "--without-mingle", "--without-gossip"]  # fmt: skip
    with Worker(environment(data_dir=tmp_path, redis_url=valkey.url), command=command) as running:
        yield running


@pytest.mark.usefixtures("worker")
def test_a_running_task_is_seen_with_its_worker_and_its_age(celery: Celery) -> None:
    inspector = Inspector(celery)
    celery.send_task("naps.nap", args=[30], queue="naps")

    tasks, (said,) = until(lambda: _busy(inspector), within=10, saying="the task runs")

    assert [(task.name, task.args, task.worker) for task in tasks] == [("naps.nap", "30", NAME)]
    assert 0 <= tasks[0].seconds < 10
    assert (said.name, said.registered, said.reserved) == (NAME, ("naps.nap",), 0)
    assert said.memory_mb > 10


@pytest.mark.usefixtures("worker")
def test_nothing_running_is_an_empty_list_and_not_unknown(celery: Celery) -> None:
    tasks, answers = Inspector(celery).look([])

    assert tasks == ()
    assert [said.name for said in answers] == [NAME]


def test_without_workers_what_runs_is_unknown(celery: Celery) -> None:
    assert Inspector(celery).look(["dead@test"]) == (None, ())


def test_a_frozen_worker_is_unknown_and_costs_its_timeout_once(celery: Celery, worker: Worker) -> None:
    inspector = Inspector(celery)
    inspector.look([NAME])
    worker.freeze()

    first, again = _timed(inspector), _timed(inspector)

    assert (first[0], again[0]) == ((None, ()), (None, ()))
    assert first[1] > inspect.TIMEOUT * 0.9
    assert again[1] < inspect.TIMEOUT / 2


def test_a_worker_that_answers_again_is_found_by_the_next_broadcast(
    celery: Celery, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    inspector = Inspector(celery)
    worker.freeze()
    inspector.look([NAME])
    monkeypatch.setattr(inspector, "_rediscover_at", 0.0)

    worker.thaw()

    tasks, _ = until(lambda: _known(inspector), within=15, saying="the worker is found")
    assert tasks == ()


@pytest.mark.usefixtures("worker")
def test_a_restart_of_redis_is_not_an_error(celery: Celery, valkey: Valkey) -> None:
    inspector = Inspector(celery)
    inspector.look([NAME])

    valkey.stop()
    valkey.start()

    inspector.look([NAME])


def test_a_drain_names_its_lane() -> None:
    told = {"id": "t1", "name": "tasks.deliver", "args": [42], "time_start": time.time() - 2}

    task = running_task("w1", told)

    assert (task.guest_id, task.args) == (42, "42")
    assert task.seconds == pytest.approx(2, abs=1)


@pytest.mark.parametrize(
    ("stats", "known"),
    [
        (None, None),
        ({}, None),
        ({"rusage": "N/A"}, None),
        ({"rusage": {"maxrss": 102_400}}, 100.0),
        ({"rusage": {"maxrss": 104_857_600}}, 100.0),
    ],
)
def test_memory_is_told_in_megabytes_or_is_unknown(stats: dict[str, object] | None, known: float | None) -> None:
    assert memory_mb(stats) == known


def _busy(inspector: Inspector) -> object:
    tasks, answers = inspector.look([NAME])
    return tasks and (tasks, answers)


def _known(inspector: Inspector) -> object:
    tasks, answers = inspector.look([])
    return answers and (tasks, answers)


def _timed(inspector: Inspector) -> tuple[object, float]:
    begun = time.monotonic()
    return inspector.look([NAME]), time.monotonic() - begun
