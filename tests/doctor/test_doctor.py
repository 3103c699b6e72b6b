"""Doctor: each check has a state in which it fails, or cannot know, and says what to do next."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.factories import a_booking, a_message
from webapp import doctor, startup
from webapp.database import later, writing
from webapp.doctor import house, providers, queue
from webapp.doctor.base import Check, Verdict, ok
from webapp.extensions import db
from webapp.models import ChannelName, DutyLease, Event, WhatsAppTemplate, WorkerRow
from webapp.monitor.redis.broker import Down
from webapp.monitor.view import BrokerFigures
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate

pytestmark = pytest.mark.usefixtures("app")
# Nothing outside this machine is asked.
INDOORS = pytest.mark.settings(sms_provider="off", whatsapp_provider="sandbox", email_provider="off", public_url="")
FIGURES = BrokerFigures(
    bells=0, unacked=0, version="Valkey 9", clients=1, memory_used=900, memory_limit=1000,
    eviction="allkeys-lru", keeps=False, refusal="", latency_ms=0.3,
)  # fmt: skip


def says(check: Check, verdict: Verdict, *words: str) -> bool:
    """Whether a check that is not well says so with evidence and a next step."""
    return check.verdict is verdict and all(word in check.evidence + check.next for word in words) and bool(check.next)


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let the last look at the queue be what a test says of it."""
    real = queue.queue_view

    def set_up(**changes: Any) -> None:
        view = replace(real(), broker_up=True, broker=FIGURES, **changes)
        monkeypatch.setattr(queue, "queue_view", lambda: view)

    return set_up


def a_worker(name: str = "w1", *, version: str = "0.1.0", seen: float = 0) -> None:
    with writing():
        db.session.add(WorkerRow(name=name, pool="threads", concurrency=16, version=version, seen_at=later(seen)))


@pytest.mark.settings(secret_key="", data_dir=Path("/nonexistent"))
def test_settings_that_would_not_start_fail() -> None:
    assert says(house.settings(), Verdict.FAIL, "SECRET_KEY", ".env")


def test_another_celery_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house.metadata, "version", lambda _: "5.7.0")

    assert says(house.parts(), Verdict.FAIL, "5.7.0", "pip install")


def test_a_database_of_another_revision_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startup, "newest_migration", lambda: "9999")

    assert says(house.migrations(), Verdict.FAIL, "9999", "db upgrade")


def test_a_slow_write_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house, "SLOW_WRITE", -1.0)

    assert says(house.database(), Verdict.WARN, "A write took")


@pytest.mark.parametrize(("free", "verdict"), [(100 * 2**20, Verdict.FAIL), (2**29, Verdict.WARN)])
def test_little_room_on_the_disk_is_told(monkeypatch: pytest.MonkeyPatch, free: int, verdict: Verdict) -> None:
    monkeypatch.setattr(house.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))

    assert says(house.disk(), verdict, "GiB free")


@pytest.mark.settings(email_provider="smtp", mail_server="127.0.0.1")
def test_demo_rows_with_a_real_provider_fail() -> None:
    a_booking(is_demo=True)

    assert says(house.demo(), Verdict.FAIL, "1 demo bookings", "clear-demo")


def test_redis_that_is_down_fails_and_what_hangs_on_it_is_unknown() -> None:
    assert says(queue.redis(), Verdict.FAIL, "REDIS_URL")
    for check in (queue.persistence, queue.eviction, queue.memory):
        assert says(check(), Verdict.UNKNOWN)


def test_a_redis_that_forgets_or_fills_up_is_told(redis: Callable[..., None]) -> None:
    redis()

    assert says(queue.persistence(), Verdict.WARN, "appendonly yes")
    assert says(queue.eviction(), Verdict.FAIL, "allkeys-lru", "noeviction")
    assert says(queue.memory(), Verdict.WARN, "90%", "maxmemory")


def test_a_service_that_hides_its_policy_is_unknown_not_broken(redis: Callable[..., None]) -> None:
    redis(broker_problem="")
    hidden = replace(FIGURES, eviction="")
    queue.queue_view().__dict__["broker"] = hidden

    assert queue.eviction().verdict is Verdict.UNKNOWN


def test_clocks_that_are_apart_are_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> "Late":
            return super().now(tz) + timedelta(seconds=9)  # type: ignore[return-value]

    monkeypatch.setattr(queue, "datetime", Late)

    assert says(queue.clocks(), Verdict.WARN, "the database", "NTP")


def test_no_worker_fails() -> None:
    a_worker(seen=-60)

    assert says(queue.workers(), Verdict.FAIL, "Nothing is taking messages off the queue", "celery_worker.py")
    assert says(queue.consumer(), Verdict.FAIL, "No worker")
    assert says(queue.versions(), Verdict.UNKNOWN, "No worker")


def test_a_worker_of_another_version_is_warned_of() -> None:
    a_worker("old", version="0.0.9")

    assert says(queue.versions(), Verdict.WARN, "old 0.0.9", "Restart")


def test_a_worker_that_has_not_said_what_it_knows_is_unknown() -> None:
    a_worker()

    assert says(queue.consumer(), Verdict.UNKNOWN, "No worker has answered")


def test_an_old_message_is_warned_of() -> None:
    a_message(due_in=timedelta(minutes=-10))

    assert says(queue.backlog(), Verdict.WARN, "1 messages wait")


def test_a_paused_channel_is_told_with_its_reason() -> None:
    channel_gate.pause(ChannelName.SMS, why="Number sold", by=BELLHOP)

    assert says(queue.open_channels(), Verdict.WARN, "Number sold", "resume")


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"done_at": later(-600)}, "was last done 10"),
        ({"done_at": later(0), "error": "ValueError: no"}, "failed: ValueError: no"),
        ({}, "was never done"),
    ],
)
def test_a_duty_that_is_not_done_fails(row: dict[str, Any], words: str) -> None:
    with writing():
        db.session.merge(DutyLease(name="ring", **row))

    assert says(queue.housekeeping(), Verdict.FAIL, f"ring {words}", "worker")


def test_a_duty_is_not_late_that_nobody_was_there_to_do() -> None:
    a_worker()

    assert queue.housekeeping().verdict is Verdict.OK


@INDOORS
def test_no_real_provider_is_warned_of() -> None:
    assert says(providers.credentials(), Verdict.WARN, "No channel reaches real people")


@pytest.mark.settings(email_provider="smtp", mail_server="127.0.0.1", mail_port=9, mail_deadline=3)
def test_credentials_that_are_refused_fail() -> None:
    assert says(providers.credentials(), Verdict.FAIL, "email:", "credentials")


@pytest.mark.settings(
    whatsapp_provider="twilio", twilio_account_sid="AC1", twilio_auth_token="t", twilio_whatsapp_from="+15550001"
)
def test_an_event_without_a_template_fails_while_whatsapp_is_live() -> None:
    with writing():
        db.session.add(WhatsAppTemplate(event=Event.TEST, language="en", content_sid="HX" + "0" * 32, variables=[]))

    assert says(providers.whatsapp_templates(), Verdict.FAIL, "booking_confirmed", "set-whatsapp-template")
    assert "test" not in providers.whatsapp_templates().evidence.split(" for ")[1].split(", ")


@INDOORS
def test_no_public_address_is_warned_of() -> None:
    assert says(providers.callbacks(), Verdict.WARN, "PUBLIC_URL")


@pytest.mark.settings(public_url="http://127.0.0.1:9")
def test_a_public_address_that_cannot_be_reached_is_unknown() -> None:
    assert says(providers.callbacks(), Verdict.UNKNOWN, "could not be reached")


def test_a_check_that_breaks_is_unknown_and_hides_no_other() -> None:
    def broken() -> Check:
        raise Down("no answer")

    report = doctor.examine([broken, lambda: ok("other", "Fine.")])

    assert [check.verdict for check in report.checks] == [Verdict.UNKNOWN, Verdict.OK]
    assert "Down: no answer" in report.checks[0].evidence and report.ok


@INDOORS
def test_the_command_prints_one_document_and_exits_1(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["doctor", "--json"])

    said = json.loads(done.output)
    assert done.exit_code == 1 and said["ok"] is False
    assert {tuple(check) for check in said["checks"]} == {("name", "verdict", "evidence", "next")}
    assert {check["verdict"] for check in said["checks"]} <= {"ok", "warn", "fail", "unknown"}


@INDOORS
def test_the_command_names_each_check_and_what_to_do(app: Flask) -> None:
    done = app.test_cli_runner().invoke(args=["doctor"])

    assert "fail     workers" in done.output and "Start one: python celery_worker.py." in done.output


@INDOORS
def test_an_admin_examines_on_a_page_also_without_a_script(admin: Browser) -> None:
    before, after = admin.get("/queue/doctor"), admin.act("/queue/examination", htmx=False)

    assert "Examining" in before.text and "Broken" not in before.text
    assert after.status_code == 200 and "Broken" in after.text and "<!doctype" in after.text.lower()


def test_a_manager_may_not_examine(manager: Browser) -> None:
    assert manager.get("/queue/doctor").status_code == 403
    assert manager.act("/queue/examination").status_code == 403


def test_what_is_broken_stands_first_and_the_sentence_says_so() -> None:
    verdicts = {
        "parts": Verdict.OK, "proxy": Verdict.WARN, "demo": Verdict.FAIL, "disk": Verdict.UNKNOWN, "age": Verdict.FAIL,
    }  # fmt: skip
    checks = [Check(name, verdict, "x") for name, verdict in verdicts.items()]

    report = doctor.examine([lambda check=check: check for check in checks])  # type: ignore[misc]

    assert [check.name for check in report.checks] == ["demo", "age", "proxy", "disk", "parts"]
    assert report.summary == "2 checks fail: mend these first. 2 more should be looked at."


@pytest.mark.parametrize(
    ("verdicts", "sentence"),
    [
        ([Verdict.OK], "All is well: messages can go out."),
        ([Verdict.OK, Verdict.WARN], "Nothing is broken. 1 check should be looked at."),
        ([Verdict.FAIL], "1 check fails: mend this first."),
    ],
)
def test_the_sentence_says_how_things_stand(verdicts: list[Verdict], sentence: str) -> None:
    assert doctor.Report(tuple(Check("parts", verdict, "x") for verdict in verdicts)).summary == sentence
