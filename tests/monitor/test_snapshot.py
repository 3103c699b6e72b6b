"""What one sampler writes, many readers understand, or know nothing."""

import json
from datetime import UTC, datetime

import pytest

from tests.support.servers import Valkey
from webapp.monitor import snapshot
from webapp.monitor.redis.broker import Broker
from webapp.monitor.snapshot import Snapshot, WorkerAnswer
from webapp.monitor.view import DatabaseFigures
from webapp.monitor.workers.view import RunningTask

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TASK = RunningTask(id="t1", name="tasks.deliver", args="42", worker="w1", seconds=1.5, guest_id=42,
                   started_at=NOON)  # fmt: skip
SAID = WorkerAnswer(name="w1", reserved=None, registered=("tasks.deliver",), memory_mb=81.5, reserved_tasks=(TASK,),
                    pid=7, prefetch=16, taken=3)  # fmt: skip
DATABASE = DatabaseFigures(kind="SQLite 3", size=4096, write_ms=0.8, at=NOON)


def test_a_snapshot_is_read_as_it_was_written() -> None:
    written = Snapshot(taken_at=NOON, tasks=(TASK,), answers=(SAID,), database=DATABASE)

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
