"""One sample, written for everybody; and nothing but the leavings of inspect is swept away."""

from collections.abc import Collection, Iterator
from datetime import timedelta

import pytest
import redis

from tests.factories import a_message
from tests.support.servers import Valkey
from webapp import clock
from webapp.duties import sample
from webapp.duties.sample import Sampler
from webapp.monitor import snapshot
from webapp.monitor.redis import minutes, orphans
from webapp.monitor.redis.broker import Broker, Down
from webapp.monitor.snapshot import WorkerAnswer
from webapp.monitor.workers.view import RunningTask
from webapp.services.housekeeping import capacity, heartbeats

TASK = RunningTask(id="t1", name="tasks.deliver", args="42", worker="w1", seconds=1.5, guest_id=42)
SAID = WorkerAnswer(name="w1", reserved=0, registered=("tasks.deliver",), memory_mb=None)
ORPHAN = "8a9f.reply.celery.pidbox"


class Workers:
    """An inspector whose workers always say the same."""

    def look(self, roster: Collection[str]) -> tuple[tuple[RunningTask, ...], tuple[WorkerAnswer, ...]]:
        return (TASK,), (SAID,)


@pytest.fixture
def sampler(broker: Broker) -> Sampler:
    """A sampler whose workers always say the same."""
    return Sampler(broker, Workers())  # type: ignore[arg-type]


@pytest.fixture
def keys(valkey: Valkey) -> Iterator["redis.Redis[bytes]"]:
    """The broker's keys, as bytes."""
    with redis.Redis.from_url(valkey.url) as client:
        yield client


@pytest.mark.usefixtures("app")
def test_a_sample_is_written_for_all_readers(valkey: Valkey, sampler: Sampler) -> None:
    sampler.sample()

    written = snapshot.decode(valkey.call("GET", snapshot.KEY))
    assert written is not None
    assert (written.tasks, written.answers) == ((TASK,), (SAID,))
    assert abs(clock.now() - written.taken_at) < timedelta(seconds=10)


@pytest.mark.usefixtures("app")
def test_a_minute_is_written_once(valkey: Valkey, sampler: Sampler) -> None:
    a_message()

    for _ in range(3):
        sampler.sample()

    kept = minutes.decode(valkey.call("ZRANGE", minutes.KEY, 0, -1))
    assert 1 <= len(kept) <= 2  # The minute may end while the test runs.
    assert kept[0].waiting == 1


@pytest.mark.usefixtures("app")
def test_with_redis_away_the_duty_is_done_without_a_fuss() -> None:
    sample.run()


@pytest.mark.usefixtures("app")
def test_a_frozen_redis_fails_the_sample(valkey: Valkey, sampler: Sampler) -> None:
    valkey.freeze()

    with pytest.raises(Down):
        sampler.sample()


@pytest.mark.usefixtures("app")
def test_the_slots_hours_go_on_while_redis_is_away(valkey: Valkey, sampler: Sampler) -> None:
    heartbeats.appear("w1", pool="threads", concurrency=16, version="1")
    valkey.kill()

    with pytest.raises(Down):
        sampler.sample()

    (hour,) = capacity.week()
    assert (hour.samples, hour.slots_max, hour.busy_sum) == (1, 16, 0)


@pytest.mark.usefixtures("app", "valkey")
def test_the_database_is_measured_by_the_sampler(valkey: Valkey, sampler: Sampler) -> None:
    sampler.sample()

    written = snapshot.decode(valkey.call("GET", snapshot.KEY))
    assert written and written.database
    assert written.database.size > 0 and written.database.write_ms >= 0
    (minute,) = minutes.decode(valkey.call("ZRANGE", minutes.KEY, -1, -1))
    assert minute.memory and (minute.busy, minute.slots, minute.tries, minute.due_p95) == (0, 0, 0, None)


def test_old_reply_lists_are_swept(broker: Broker, keys: "redis.Redis[bytes]") -> None:
    _list(keys, ORPHAN, idle=100)

    assert broker.ask(orphans.Sweep().step) == 1
    assert not keys.exists(ORPHAN)


def test_reply_lists_that_are_in_use_stay(broker: Broker, keys: "redis.Redis[bytes]") -> None:
    _list(keys, ORPHAN, idle=5)

    assert broker.ask(orphans.Sweep().step) == 0
    assert keys.exists(ORPHAN)


def test_nothing_else_is_swept(broker: Broker, keys: "redis.Redis[bytes]") -> None:
    _list(keys, "notifications", idle=1000)
    keys.sadd("_kombu.binding.reply.celery.pidbox", "a binding")
    _age(keys, "_kombu.binding.reply.celery.pidbox", idle=1000)

    assert broker.ask(orphans.Sweep().step) == 0
    assert keys.dbsize() == 2


def test_a_sweep_of_many_keys_goes_on_where_it_stopped(
    broker: Broker, keys: "redis.Redis[bytes]", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orphans, "KEYS_A_STEP", 10)
    for number in range(400):
        _list(keys, f"{number}.reply.celery.pidbox", idle=100)
    sweep = orphans.Sweep()

    removed = [broker.ask(sweep.step) for _ in range(20)]

    assert 0 < removed[0] < 400
    assert sum(removed) == 400


def _list(keys: "redis.Redis[bytes]", name: str, *, idle: int) -> None:
    keys.rpush(name, "an answer")
    _age(keys, name, idle=idle)


def _age(keys: "redis.Redis[bytes]", name: str, *, idle: int) -> None:
    keys.restore(name, 0, keys.dump(name), replace=True, idletime=idle)
