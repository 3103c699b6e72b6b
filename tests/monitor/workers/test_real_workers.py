"""Real workers that are killed, frozen, wedged and told to stop, as the queue page sees them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.factories import a_message
from tests.support.servers import Valkey, Worker, environment
from tests.support.twilio import faults
from tests.support.twilio.fake_twilio import FakeTwilio
from tests.support.waiting import until
from webapp.extensions import db
from webapp.models import Message, WorkerRow
from webapp.monitor import queue
from webapp.monitor.view import QueueView
from webapp.monitor.workers.view import BUSY, ONLINE, WorkerView
from webapp.services.audit import BELLHOP
from webapp.services.housekeeping import heartbeats
from webapp.settings import Settings

PATIENCE = 60
SMS = "+14155550260"


def is_healthy(worker: WorkerView) -> bool:
    return worker.word in (BUSY, ONLINE)


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    """A provider that can be made to drip."""
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def settings(settings: Settings, valkey: Valkey, twilio: FakeTwilio) -> Settings:
    """The page's settings; by them no call may take longer than a second."""
    given = twilio.settings | {"redis_url": valkey.url, "handover_deadline": 1, "mail_deadline": 1}
    return settings.model_copy(update=given)


@pytest.fixture
def worker(app: Any, settings: Settings, tmp_path: Path) -> Iterator[Worker]:
    """A worker of its own process, whose own deadline is so long that it does not hold the page's."""
    provider = {name: getattr(settings, name) for name in Settings.model_fields if name.startswith("twilio_")}
    given = provider | {"handover_deadline": 60, "mail_deadline": 60, "lease_seconds": 90, "provider_timeout": 30}
    env = environment(
        data_dir=tmp_path,
        database_url=settings.database,
        redis_url=settings.redis_url,
        email_provider="sandbox",
        **given,
    )
    with Worker(env) as running:
        until(lambda: _look().is_served, within=PATIENCE, saying="the worker lives")
        yield running


@pytest.mark.usefixtures("worker")
def test_a_worker_at_work_is_seen_with_its_tasks_and_figures() -> None:
    view = until(_answered, within=PATIENCE, saying="the worker has answered inspect")

    (seen,) = view.workers
    assert is_healthy(seen) and seen.word.label == "Online"
    assert seen.registered == ("tasks.deliver", "tasks.test_celery")
    assert seen.memory_mb and seen.pid and seen.prefetch
    assert view.database and view.database.size > 0 and "SQLite" in view.database.kind


def test_a_worker_wedged_in_a_call_is_stuck_and_others_are_still_seen(worker: Worker, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.drip(2), to=SMS)
    message = a_message(to=SMS)

    view = until(_stuck, within=PATIENCE, saying="the worker is called stuck")

    (seen,) = view.workers
    assert seen.word.label.startswith("Stuck in one call for")
    assert not is_healthy(seen)
    line = next(line for line in view.in_hand if line.handover)
    assert (line.handover.message_id, line.handover.is_late) == (message.id, True)
    assert line.task is None or line.task.name == "tasks.deliver"


def test_a_task_that_hands_over_is_one_line_with_its_message(worker: Worker, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.drip(2), to=SMS)
    a_message(to=SMS)

    def joined() -> Any:
        view = _look()
        return next(((line, view) for line in view.in_hand if line.handover and line.task), None)

    line, view = until(joined, within=PATIENCE, saying="task and hand-over are one line")

    assert line.task.worker == line.handover.worker == view.workers[0].name
    assert view.task(line.task.id) == line.task
    assert line.task.started_at is not None


def test_a_frozen_worker_does_not_look_healthy(worker: Worker) -> None:
    until(_answered, within=PATIENCE, saying="the worker has answered inspect")

    worker.freeze()

    late = until(lambda: _first(lambda seen: not is_healthy(seen)), within=PATIENCE, saying="it is late")
    gone = until(lambda: _first(lambda seen: not seen.alive), within=PATIENCE, saying="it is taken for dead")
    assert late.word.tone in ("warn", "bad")
    assert gone.word.label.startswith("Not heard from for")
    stale = until(lambda: (view := _look()).is_stale and view, within=PATIENCE, saying="the snapshot is old")
    assert stale.snapshot_age and stale.snapshot_age > queue.STALE_SECONDS


def test_a_killed_worker_is_not_heard_from(worker: Worker) -> None:
    worker.kill()

    gone = until(lambda: _first(lambda seen: not seen.alive), within=PATIENCE, saying="it is taken for dead")

    assert gone.word.tone == "bad"
    assert not _look().is_served


@pytest.mark.parametrize("redis_is", ["there", "away"])
def test_a_worker_that_is_told_to_stop_ends_softly(worker: Worker, valkey: Valkey, redis_is: str) -> None:
    name = _look().workers[0].name
    if redis_is == "away":
        valkey.kill()

    heartbeats.ask_to_stop(name, by=BELLHOP)

    until(lambda: not worker.is_running, within=PATIENCE, saying="the worker has ended")
    assert worker.returncode == 0
    assert "An admin told this worker to stop" in worker.output()
    assert _row(name).stopped_at is not None


def test_a_worker_that_stops_finishes_what_it_is_sending(worker: Worker, twilio: FakeTwilio) -> None:
    twilio.fail_next(faults.slow(4), to=SMS)
    message = a_message(to=SMS)
    until(lambda: twilio.to(SMS), within=PATIENCE, saying="the hand-over has begun")

    heartbeats.ask_to_stop(_look().workers[0].name, by=BELLHOP)

    until(lambda: not worker.is_running, within=PATIENCE, saying="the worker has ended")
    db.session.rollback()
    assert db.session.get_one(Message, message.id).sent_at is not None
    assert len(twilio.taken(SMS)) == 1


def test_bells_are_counted_over_priorities_and_prefetch(worker: Worker, valkey: Valkey, twilio: FakeTwilio) -> None:
    until(_answered, within=PATIENCE, saying="the worker has answered inspect")
    worker.freeze()
    for suffix, many in (("", 3), ("\x06\x163", 2), ("\x06\x169", 4)):
        valkey.call("LPUSH", f"notifications{suffix}", *(["bell"] * many))
    valkey.call("HSET", "unacked", "tag-1", "held", "tag-2", "held")

    view = _look()

    assert view.bells is not None and 8 <= view.bells <= 9  # The worker's last BRPOP may have taken one.
    assert view.unacked is not None and view.unacked >= 2


def _look() -> QueueView:
    queue.of_app().forget()
    return queue.queue_view()


def _answered() -> QueueView | None:
    view = _look()
    return view if view.workers and view.workers[0].memory_mb and view.database else None


def _stuck() -> QueueView | None:
    view = _look()
    return view if view.stuck and any(line.handover for line in view.in_hand) else None


def _first(wanted: Callable[[WorkerView], bool]) -> WorkerView | None:
    return next((seen for seen in _look().workers if wanted(seen)), None)


def _row(name: str) -> WorkerRow:
    db.session.rollback()
    return db.session.get_one(WorkerRow, name)
