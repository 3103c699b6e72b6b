"""One look at the queue: right about messages whatever Redis does, and honest about the rest."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from tests.factories import a_message
from tests.support.servers import Valkey
from webapp.celery_app import QUEUE
from webapp.database import later, read_now, writing
from webapp.extensions import db
from webapp.models import WorkerRow
from webapp.monitor import queue, snapshot
from webapp.monitor.redis import minutes
from webapp.monitor.redis.broker import Broker
from webapp.monitor.redis.minutes import Minute
from webapp.monitor.snapshot import Snapshot, WorkerAnswer
from webapp.monitor.view import QueueView
from webapp.monitor.workers.view import RunningTask

TASK = RunningTask(id="t1", name="tasks.deliver", args="42", worker="w1", seconds=1.5, guest_id=42)
SAID = WorkerAnswer(name="w1", reserved=3, registered=("tasks.deliver",), memory_mb=81.5)


@pytest.mark.usefixtures("app")
def test_with_redis_down_messages_are_counted_and_the_rest_is_unknown() -> None:
    a_message(due_in=timedelta(minutes=-3))

    view = queue.queue_view()

    assert (view.queued, view.broker_up) == (1, False)
    assert "refuses the connection" in view.broker_problem
    assert (view.bells, view.unacked, view.tasks, view.snapshot_age) == (None,) * 4
    assert view.is_stale


@pytest.mark.usefixtures("app")
def test_bells_are_those_of_now(valkey: Valkey) -> None:
    valkey.call("LPUSH", QUEUE, "bell", "bell")

    view = queue.queue_view()

    assert (view.bells, view.unacked, view.broker_up, view.broker_problem) == (2, 0, True, "")


@pytest.mark.usefixtures("app")
def test_a_frozen_redis_holds_up_no_look(valkey: Valkey) -> None:
    valkey.freeze()
    begun = time.monotonic()

    for _ in range(20):
        view = _afresh()
        assert (view.bells, view.broker_up) == (None, False)

    assert time.monotonic() - begun < 2


@pytest.mark.usefixtures("app")
def test_the_last_figures_outlive_redis(valkey: Valkey, broker: Broker) -> None:
    _write(broker)
    valkey.call("LPUSH", QUEUE, "bell")
    queue.queue_view()

    valkey.kill()
    view = _afresh()

    assert view.bells is None
    assert view.broker is not None
    assert view.broker.bells == 1
    assert view.tasks == (TASK,)


@pytest.mark.usefixtures("app")
def test_a_redis_that_forgot_makes_nobody_forget_the_last_snapshot(valkey: Valkey, broker: Broker) -> None:
    _write(broker)
    queue.queue_view()

    valkey.flush()

    assert _afresh().tasks == (TASK,)


@pytest.mark.usefixtures("app", "valkey")
@pytest.mark.parametrize(("age", "is_stale"), [(5, False), (30, True)])
def test_a_snapshot_older_than_fifteen_seconds_is_stale(broker: Broker, age: float, is_stale: bool) -> None:
    _write(broker, seconds_ago=age)

    view = queue.queue_view()

    assert view.is_stale is is_stale
    assert view.snapshot_age == pytest.approx(age, abs=3)


@pytest.mark.usefixtures("valkey")
def test_many_viewers_cost_redis_no_more_than_one(app: Flask, valkey: Valkey) -> None:
    def look(_: int) -> int | None:
        with app.app_context():
            return queue.queue_view().bells

    with ThreadPoolExecutor(16) as pool:
        begun = time.monotonic()
        bells = list(pool.map(look, range(200)))
        seconds = time.monotonic() - begun

    asked = valkey.call("INFO", "commandstats")["cmdstat_hlen"]["calls"]
    assert bells == [0] * 200
    assert asked <= 1 + seconds


@pytest.mark.usefixtures("app")
def test_a_worker_lives_by_its_heartbeat_even_with_redis_down() -> None:
    _worker("w1", seen=-4)
    _worker("w2", seen=-40)

    first, second = queue.queue_view().workers

    assert (first.name, first.alive, second.name, second.alive) == ("w1", True, "w2", False)
    assert second.heartbeat_age == pytest.approx(40, abs=5)
    assert (first.answered, first.reserved, first.registered) == (False, None, None)


@pytest.mark.usefixtures("app")
def test_inspect_adds_to_what_the_heartbeat_tells(broker: Broker) -> None:
    _worker("w1", seen=-4)
    _write(broker)

    view = queue.queue_view()

    assert (view.workers[0].answered, view.workers[0].reserved) == (True, 3)
    assert view.registered == ("tasks.deliver",)
    assert (view.slots, view.is_served) == (16, True)


@pytest.mark.usefixtures("app")
def test_no_living_worker_means_nothing_is_served() -> None:
    _worker("w1", seen=-40)

    assert not queue.queue_view().is_served


@pytest.mark.usefixtures("app")
def test_the_time_to_clear_follows_the_last_minutes(broker: Broker) -> None:
    _worker("w1", seen=-1)
    _minutes(broker, sent=[60, 60])
    for _ in range(2):
        a_message()

    assert queue.queue_view().clears_in_seconds == pytest.approx(2)


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("sent", "seen"), [(0, -1), (60, -40)])
def test_without_a_worker_or_a_rate_there_is_no_time_to_clear(broker: Broker, sent: int, seen: float) -> None:
    _worker("w1", seen=seen)
    _minutes(broker, sent=[sent])
    a_message()

    assert queue.queue_view().clears_in_seconds is None


def _afresh() -> QueueView:
    queue.of_app().forget()
    return queue.queue_view()


def _write(broker: Broker, *, seconds_ago: float = 0) -> None:
    taken = db.session.scalars(select(later(-seconds_ago))).one()
    db.session.rollback()
    broker.ask(snapshot.writer(Snapshot(taken_at=taken, tasks=(TASK,), answers=(SAID,))))


def _minutes(broker: Broker, *, sent: list[int]) -> None:
    moment = read_now().replace(second=0, microsecond=0)
    db.session.rollback()
    for back, number in enumerate(sent, start=1):
        start = moment - timedelta(minutes=back)
        broker.ask(minutes.writer(Minute(start=start, waiting=0, running=0, sent=number, failed=0)))


def _worker(name: str, *, seen: float) -> None:
    with writing():
        db.session.add(WorkerRow(name=name, pool="threads", concurrency=16, seen_at=later(seen)))
