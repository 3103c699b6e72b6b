"""The minutes of the day: written once, dropped after a day, and read whatever version wrote them."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.support.servers import Valkey
from webapp.monitor.redis import minutes
from webapp.monitor.redis.broker import Broker
from webapp.monitor.redis.minutes import Minute

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NUMBER = int(NOON.timestamp()) // 60


def test_a_minute_is_read_as_it_was_written() -> None:
    whole = Minute(start=NOON, waiting=1, running=2, sent=3, failed=4, tries=5, retried=1, due_p95=0.4, busy=2,
                   slots=16, memory=2**20)  # fmt: skip

    assert minutes.decode([minutes.encode(whole), minutes.encode(_minute(NOON))]) == (whole, _minute(NOON))


def test_a_point_of_the_first_writers_is_read_with_the_rest_unknown() -> None:
    (read,) = minutes.decode([json.dumps([NUMBER, 1, 2, 3, 4])])

    assert (read.start, read.waiting, read.running, read.sent, read.failed) == (NOON, 1, 2, 3, 4)
    assert (read.due_p95, read.busy, read.memory) == (None, None, None)


def test_a_point_of_a_later_writer_is_read_as_far_as_it_is_known() -> None:
    point = json.loads(minutes.encode(_minute(NOON))) | {"version": 3, "moons": 2}

    assert minutes.decode([json.dumps(point)]) == (_minute(NOON),)


@pytest.mark.parametrize("point", ["", "7", "{}", "[]", "[1, 2]", '{"minute": "noon"}', '{"minute": 1e99}'])
def test_a_point_that_cannot_be_understood_is_a_gap(point: str) -> None:
    assert minutes.decode([point, minutes.encode(_minute(NOON))]) == (_minute(NOON),)


def test_a_minute_that_two_samplers_write_is_kept_once(valkey: Valkey, broker: Broker) -> None:
    for sent in (3, 4):
        broker.ask(minutes.writer(_minute(NOON, sent=sent)))

    assert minutes.decode(valkey.call("ZRANGE", minutes.KEY, 0, -1)) == (_minute(NOON, sent=4),)


def test_minutes_older_than_a_day_are_dropped(broker: Broker) -> None:
    for start in (NOON - timedelta(hours=24), NOON - timedelta(hours=23), NOON):
        broker.ask(minutes.writer(_minute(start)))

    kept = minutes.decode(broker.ask(minutes.day))
    assert [minute.start for minute in kept] == [NOON - timedelta(hours=23), NOON]


def _minute(start: datetime, *, sent: int = 0) -> Minute:
    return Minute(start=start, waiting=1, running=2, sent=sent, failed=0)
