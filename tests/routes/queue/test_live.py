"""The queue page with a real broker: up, then gone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, template_rendered

from tests.support.servers import Valkey
from webapp import clock
from webapp.celery_app import QUEUE
from webapp.database import writing
from webapp.extensions import db
from webapp.models import WorkerRow
from webapp.monitor import queue, snapshot
from webapp.monitor.redis import broker
from webapp.monitor.snapshot import Snapshot, WorkerAnswer
from webapp.monitor.workers.view import RunningTask
from webapp.settings import Settings

TASK = RunningTask(id="t1", name="tasks.test_celery", args="", worker="w1", seconds=1.5)
SAID = WorkerAnswer(name="w1", reserved=3, registered=("tasks.deliver", "tasks.test_celery"), memory_mb=81.5)


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of the test's own."""
    (tmp_path / "valkey").mkdir()
    with Valkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def settings(settings: Settings, valkey: Valkey) -> Settings:
    """The usual settings with the real broker."""
    return settings.model_copy(update={"redis_url": valkey.url})


@pytest.fixture
def sampled(app: Flask, valkey: Valkey) -> None:
    """A sample, a worker and two bells."""
    with writing():
        db.session.add(WorkerRow(name="w1", pool="threads", concurrency=16))
    broker.of_app().ask(snapshot.writer(Snapshot(taken_at=clock.now(), tasks=(TASK,), answers=(SAID,))))
    valkey.call("LPUSH", QUEUE, "bell", "bell")


@pytest.mark.usefixtures("sampled")
def test_all_well_is_said_first(admin: Any) -> None:
    page, state = admin.get("/queue/figures").text, admin.get("/queue/state").text

    assert state.count('class="banner') == 1 and 'class="banner ok"' in state and "All is well." in state
    assert "2 taken" not in page
    assert "0 taken by workers" in page


@pytest.mark.usefixtures("sampled")
def test_running_and_registered_tasks_are_those_of_the_last_sample(admin: Any) -> None:
    page, house = admin.get("/queue/figures").text, admin.get("/queue/house").text

    assert "tasks.test_celery()" in page
    assert '<span class="mono">tasks.deliver</span>' in house
    assert "3 reserved" in page


@pytest.mark.usefixtures("sampled")
def test_when_redis_goes_the_last_figures_stay_greyed(admin: Any, valkey: Valkey) -> None:
    admin.get("/queue/figures")

    valkey.kill()
    queue.of_app().forget()
    page = admin.get("/queue/figures").text

    assert "Redis does not answer." in admin.get("/queue/state").text
    bells = page.split("Wake-up calls in Redis")[0].rsplit("<div", 1)[1]
    assert "stale" in bells
    assert "tasks.test_celery()" in page
    house = admin.get("/queue/house").text
    assert "Does not answer" in house and "Valkey" in house


@pytest.mark.usefixtures("sampled")
def test_a_full_redis_is_said_to_take_no_bells(admin: Any, valkey: Valkey) -> None:
    valkey.call("CONFIG", "SET", "maxmemory", "1")
    queue.of_app().forget()

    page = admin.get("/queue/state").text

    assert "Redis is not accepting work." in page
    assert "Redis is full" in page


@pytest.mark.usefixtures("sampled")
def test_a_fragment_is_drawn_once_for_many_viewers(app: Flask, admin: Any) -> None:
    drawn: list[str] = []

    def note(_sender: Flask, template: Any, **_: Any) -> None:
        drawn.append(template.name)

    with template_rendered.connected_to(note, app):
        for _ in range(20):
            admin.get("/queue/figures")
        queue.of_app().forget()
        admin.get("/queue/figures")

    assert 2 <= drawn.count("queue/_figures.html") < 20  # Once a second, and once more when all is read anew.
