"""What one sampler writes, many readers understand, or know nothing."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.servers import Valkey
from webapp.monitor import snapshot
from webapp.monitor.broker import Broker
from webapp.monitor.snapshot import Snapshot, WorkerAnswer
from webapp.monitor.view import Minute, RunningTask

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TASK = RunningTask(id="t1", name="tasks.deliver", args="42", worker="w1", seconds=1.5, guest_id=42)
SAID = WorkerAnswer(name="w1", reserved=None, registered=("tasks.deliver",), memory_mb=81.5)


def test_a_snapshot_is_read_as_it_was_written() -> None:
    written = Snapshot(taken_at=NOON, tasks=(TASK,), answers=(SAID,))

    assert snapshot.decode(snapshot.encode(written)) == written


def test_what_is_unknown_stays_unknown() -> None:
    written = Snapshot(taken_at=NOON, tasks=None, answers=())

    assert snapshot.decode(snapshot.encode(written)) == written


@pytest.mark.parametrize("text", [None, "", "null", "[]", "7", "no json", '{"version": 1}', '{"tasks": []}'])
def test_what_cannot_be_understood_is_no_snapshot(text: str | None) -> None:
    assert snapshot.decode(text) is None


def test_a_snapshot_of_another_version_is_no_snapshot() -> None:
    kept = json.loads(snapshot.encode(Snapshot(taken_at=NOON, tasks=(), answers=())))

    kept["version"] += 1

    assert snapshot.decode(json.dumps(kept)) is None


def test_a_snapshot_is_forgotten_after_an_hour(valkey: Valkey, broker: Broker) -> None:
    broker.ask(snapshot.writer(Snapshot(taken_at=NOON, tasks=(), answers=())))

    assert 3500 < valkey.call("TTL", snapshot.KEY) <= 3600


def test_a_minute_that_two_samplers_write_is_kept_once(valkey: Valkey, broker: Broker) -> None:
    for sent in (3, 4):
        broker.ask(snapshot.minute_writer(_minute(NOON, sent=sent)))

    assert snapshot.minutes_of(valkey.call("ZRANGE", snapshot.MINUTES_KEY, 0, -1)) == (_minute(NOON, sent=4),)


def test_minutes_older_than_a_day_are_dropped(valkey: Valkey, broker: Broker) -> None:
    for start in (NOON - timedelta(hours=24), NOON - timedelta(hours=23), NOON):
        broker.ask(snapshot.minute_writer(_minute(start)))

    kept = snapshot.minutes_of(valkey.call("ZRANGE", snapshot.MINUTES_KEY, 0, -1))
    assert [minute.start for minute in kept] == [NOON - timedelta(hours=23), NOON]


def _minute(start: datetime, *, sent: int = 0) -> Minute:
    return Minute(start=start, waiting=1, running=2, sent=sent, failed=0)
