"""A user of Redis who may work with the queue and not ask for INFO: that alone is unknown, and Redis is up."""

import pytest
from flask import Flask

from tests.support.servers import Valkey
from webapp.doctor import queue as doctor
from webapp.doctor.base import Verdict
from webapp.monitor.metrics import exposition
from webapp.monitor.redis.broker import Broker
from webapp.services.alerts import finders
from webapp.setting_values import redis_url
from webapp.settings import Settings

RULES = ["on", ">Summer", "~*", "&*", "+@all", "-@dangerous"]


@pytest.fixture
def settings(settings: Settings, valkey: Valkey) -> Settings:
    valkey.call("ACL", "SETUSER", "desk", *RULES)
    return settings.model_copy(update={"redis_url": valkey.url.replace("//", "//desk:Summer@")})


def test_only_what_info_would_have_said_is_unknown(valkey: Valkey, settings: Settings) -> None:
    valkey.call("RPUSH", "notifications", "a", "b")

    figures = Broker(lambda: redis_url.read(settings.redis_url)).figures()

    assert (figures.bells, figures.unacked, figures.refusal) == (2, 0, "")
    assert figures.memory_used is figures.memory_limit is figures.clients is figures.keeps is None
    assert figures.eviction == "" and "INFO is not allowed" in figures.version


def test_doctor_and_the_metrics_say_that_it_is_up(app: Flask) -> None:
    assert doctor.redis().verdict is Verdict.OK
    for check in (doctor.persistence, doctor.eviction, doctor.memory):
        assert check().verdict is Verdict.UNKNOWN
        assert "INFO is not allowed" in check().evidence and "+info" in check().next
    assert b"\nbellhop_redis_up 1.0\n" in exposition()
    assert b"bellhop_redis_memory_bytes" not in exposition()


def test_no_alert_begins_and_an_open_one_ends(app: Flask) -> None:
    assert finders.redis_away() == []
    assert finders.redis_memory() == []
    assert finders.redis_disk() == []


def test_the_queue_page_shows_it(admin: object) -> None:
    page = admin.get("/queue").text  # type: ignore[attr-defined]

    assert "INFO is not allowed" in page
