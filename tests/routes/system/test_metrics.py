"""`/metrics`: for Prometheus on this machine or with a key, and honest about what is unknown."""

from datetime import timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.factories import a_message
from webapp.database import writing
from webapp.extensions import db
from webapp.models import ChannelName, WorkerRow
from webapp.services.accounts import api_keys
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate

ELSEWHERE = {"environ_base": {"REMOTE_ADDR": "203.0.113.7"}}


def samples(client: Any, **asked: Any) -> dict[str, float]:
    answer = client.get("/metrics", **asked)
    assert answer.status_code == 200
    families = text_string_to_metric_families(answer.text)
    return {",".join([s.name, *s.labels.values()]): s.value for family in families for s in family.samples}


def test_what_waits_is_counted(client: Any) -> None:
    a_message(due_in=timedelta(seconds=-90))

    found = samples(client)

    assert found["bellhop_messages_waiting"] == 1 and found["bellhop_oldest_waiting_seconds"] >= 90


def test_what_is_unknown_has_no_sample(client: Any) -> None:
    """Redis is down here: 0 bells would say that all is well."""
    found = samples(client)

    assert found["bellhop_redis_up"] == 0
    assert not {"bellhop_bells", "bellhop_redis_memory_bytes", "bellhop_sent_last_minute"} & found.keys()


def test_slots_and_stuck_workers_are_told(client: Any) -> None:
    with writing():
        db.session.add(WorkerRow(name="w1", pool="threads", concurrency=16, active=3, longest_call=500))

    found = samples(client)

    assert (found["bellhop_worker_slots"], found["bellhop_worker_slots_busy"]) == (16, 3)
    assert found["bellhop_workers_stuck"] == 1


def test_a_paused_channel_shows(client: Any) -> None:
    channel_gate.pause(ChannelName.EMAIL, why="Moving", by=BELLHOP)

    found = samples(client)

    assert (found["bellhop_channel_paused,email"], found["bellhop_channel_paused,sms"]) == (1, 0)


def test_from_elsewhere_it_takes_a_key(client: Any) -> None:
    key = {"Authorization": f"Bearer {api_keys.create('Prometheus')}"}

    assert client.get("/metrics", **ELSEWHERE).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}, **ELSEWHERE).status_code == 403
    assert "bellhop_workers_alive" in samples(client, headers=key, **ELSEWHERE)


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded"])
def test_a_proxy_on_this_machine_speaks_for_others(client: Any, header: str) -> None:
    assert client.get("/metrics", headers={header: "203.0.113.7"}).status_code == 403
