"""Doctor's checks of daily work, real servers that refuse, and that every check is seen to fail."""

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import current_app
from sqlalchemy import func, select

from tests.doctor.test_doctor import FIGURES, a_worker, says
from tests.factories import a_message
from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.network.listener import listening
from tests.support.servers import Valkey
from tests.support.twilio.fake_twilio import FakeTwilio
from webapp import doctor
from webapp.channels import registry
from webapp.database import later, now, writing
from webapp.doctor import habits, house, providers, queue
from webapp.doctor.base import Check, Verdict
from webapp.extensions import db
from webapp.models import Alert, ChannelName, Event, HourTally, LogLine, MessageStatus, ReturnedMail, SlotHour
from webapp.monitor.redis.broker import Down, of_app
from webapp.services.audit import BELLHOP
from webapp.services.delivery import returned_mail
from webapp.services.delivery.sandbox import DatabaseStore

pytestmark = pytest.mark.usefixtures("app")
LIVE_SMS = {"sms_provider": "twilio", "whatsapp_provider": "off", "email_provider": "off"}
LIVE_MAIL = {"sms_provider": "off", "whatsapp_provider": "off", "email_provider": "smtp"}
INDOORS = pytest.mark.settings(sms_provider="sandbox", whatsapp_provider="sandbox", email_provider="sandbox")


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    folder = tmp_path / "valkey"
    folder.mkdir()
    with Valkey(folder) as server:
        server.call("ACL", "SETUSER", "default", "-config")  # As managed services do.
        yield server


def use(**changes: Any) -> None:
    """Let the app have these settings, and channels to match."""
    chosen = current_app.config["SETTINGS"].model_copy(update=changes)
    current_app.config["SETTINGS"] = chosen
    current_app.extensions["channels"] = registry.both(chosen, DatabaseStore())


def add(*rows: Any) -> None:
    with writing():
        db.session.add_all(rows)


def test_every_check_is_seen_to_fail() -> None:
    """A check that nobody has seen fail may be one that cannot."""
    tests = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))

    names = [f"{inspect.getmodule(check).__name__.rpartition('.')[2]}.{check.__name__}" for check in doctor.ALL]  # type: ignore[union-attr]

    assert [name for name in names if f"says({name}(), " not in tests] == []


def test_a_part_of_another_version_is_warned_of(monkeypatch: pytest.MonkeyPatch) -> None:
    real = house.metadata.version
    monkeypatch.setattr(house.metadata, "version", lambda name: "0.1" if name == "kombu" else real(name))

    assert says(house.parts(), Verdict.WARN, "kombu 0.1 (5.", "pip install -r")


def test_an_error_of_the_last_hour_is_warned_of() -> None:
    line = {"level": "error", "process": "web-1@desk", "sentence": "A request failed by a fault of ours."}
    add(LogLine(**line, at=later(-4000)), LogLine(**line | {"level": "warning"}))
    assert habits.errors().verdict is Verdict.OK

    add(LogLine(**line))

    assert says(habits.errors(), Verdict.WARN, "1 in the last hour", "web-1@desk: A request failed", "queue page")


@pytest.mark.settings(alert_failed_at_least=2, alert_failed_share=0.3)
def test_several_guests_who_were_not_reached_are_warned_of() -> None:
    for status in (MessageStatus.SENT, MessageStatus.SENT, MessageStatus.FAILED):
        a_message(status=status, error_code="30008", first_due_at=now())
    assert habits.failures().verdict is Verdict.OK

    a_message(status=MessageStatus.FAILED, error_code="30008", first_due_at=now())

    assert says(habits.failures(), Verdict.WARN, "Of 4 guests of the last hour 2 were not reached", "retry")


@pytest.mark.parametrize(("retried", "verdict"), [(20, Verdict.WARN), (10, Verdict.OK)])
def test_many_retries_are_warned_of(retried: int, verdict: Verdict) -> None:
    add(HourTally(hour=later(-7200), channel=ChannelName.SMS, event=Event.TEST, made=150, retried=retried,
                  taken_at=now()))  # fmt: skip

    assert habits.retries().verdict is verdict
    assert verdict is Verdict.OK or says(habits.retries(), Verdict.WARN, "13.3%", "SMS_PER_SECOND")


def test_too_few_workers_are_warned_of() -> None:
    a_worker()
    for hour in range(30):
        add(SlotHour(hour=later(-3600.0 * (hour + 1)), samples=60, busy_sum=900, busy_max=16, slots_max=16,
                     waiting_max=50))  # fmt: skip

    assert says(habits.capacity(), Verdict.WARN, "the slots were in use", "Add a worker")


def test_without_a_worker_nobody_knows_whether_there_are_enough() -> None:
    assert says(habits.capacity(), Verdict.UNKNOWN, "No worker")


def test_an_open_alert_is_told_again() -> None:
    add(Alert(cause="redis_memory", sentence="9 of 10 MiB are used.", noticed_by="w1"))

    assert says(habits.open_alerts(), Verdict.WARN, "Redis is nearly full", "maxmemory")


def test_the_alert_about_failures_is_not_said_twice() -> None:
    """The check of failures has the figures of now; the alert froze those of the time when it began."""
    with writing():
        db.session.add(Alert(cause="failed_share", sentence="2 of 35 failed.", noticed_by="w1"))

    assert "2 of 35 failed." not in habits.open_alerts().evidence


@pytest.mark.settings(**LIVE_SMS, alert_emails=(), alert_webhook_url="")
def test_a_live_house_where_nobody_is_told_is_warned_of() -> None:
    assert says(habits.open_alerts(), Verdict.WARN, "only on the queue page", "ALERT_EMAILS")


@pytest.mark.settings(**LIVE_SMS, alert_emails=("ops@desk.example",))
def test_alerts_by_a_mail_server_that_is_not_set_are_warned_of() -> None:
    assert says(habits.open_alerts(), Verdict.WARN, "MAIL_SERVER is not", "MAIL_SERVER")


def test_returned_mail_that_waits_to_be_read_is_warned_of_until_it_is_put_away() -> None:
    add(ReturnedMail(digest="1", content="x"), ReturnedMail(digest="2", content="x"))
    add(ReturnedMail(digest="3", content="x", put_away_at=now()))
    assert says(habits.returned(), Verdict.WARN, "2 returned mails wait to be read", "/admin/returned-mail")

    for number in db.session.scalars(select(ReturnedMail.id)).all():
        returned_mail.put_away(number, by=BELLHOP)

    assert habits.returned().verdict is Verdict.OK


@pytest.mark.settings(**LIVE_SMS)
def test_credentials_that_twilio_refuses_fail() -> None:
    with FakeTwilio() as twilio:
        use(**twilio.settings | LIVE_SMS)
        assert providers.credentials().verdict is Verdict.OK

        use(twilio_auth_token="wrong")

        assert says(providers.credentials(), Verdict.FAIL, "sms:", "login")
        assert twilio.arrivals == []


@pytest.mark.settings(**LIVE_MAIL)
def test_credentials_that_the_mail_server_refuses_fail() -> None:
    with FakeSmtp(login=("desk", "right")) as smtp:
        use(**smtp.settings | LIVE_MAIL | {"mail_username": "desk", "mail_password": "right"})
        assert providers.credentials().verdict is Verdict.OK

        use(mail_password="wrong")

        assert says(providers.credentials(), Verdict.FAIL, "email:", "login")
        assert smtp.mails == []


def test_a_public_address_that_answers_with_an_error_fails() -> None:
    with listening() as elsewhere:
        use(public_url=elsewhere.url)  # It answers GET with 501.

        assert says(providers.callbacks(), Verdict.FAIL, "answered 501", "proxy")


def test_a_redis_that_refuses_config_is_no_fault(valkey: Valkey) -> None:
    use(redis_url=valkey.url)
    current_app.extensions.pop("bellhop_broker", None)
    current_app.extensions.pop("bellhop_monitor", None)

    with pytest.raises(Down):
        of_app().ask(lambda client: client.config_get("maxmemory"))
    of_app()._quiet_until = 0
    for check in (queue.redis, queue.persistence, queue.eviction, queue.memory):
        assert check().verdict is Verdict.OK, check()


def test_a_redis_that_hides_how_it_persists_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    hidden = FIGURES.__class__(**FIGURES.__dict__ | {"keeps": None, "eviction": ""})
    monkeypatch.setattr(queue, "_figures", lambda: hidden)

    assert says(queue.persistence(), Verdict.UNKNOWN, "does not say", "configured")
    assert says(queue.eviction(), Verdict.UNKNOWN, "does not say", "configured")


def test_a_worker_that_listens_to_no_queue_of_ours_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    a_worker()
    view = queue.queue_view()
    without = tuple(w.__class__(**w.__dict__ | {"registered": ("celery.chord",)}) for w in view.workers)
    monkeypatch.setattr(queue, "queue_view", lambda: view.__class__(**view.__dict__ | {"workers": without}))

    assert says(queue.consumer(), Verdict.FAIL, "tasks.deliver", "celery_worker.py")


def test_bells_that_nobody_takes_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    a_worker()
    view = queue.queue_view()
    ours = tuple(w.__class__(**w.__dict__ | {"registered": ("tasks.deliver",)}) for w in view.workers)
    stuck = view.__dict__ | {"workers": ours, "bells": 7, "oldest_waiting_seconds": 900.0}
    monkeypatch.setattr(queue, "queue_view", lambda: view.__class__(**stuck))

    assert says(queue.consumer(), Verdict.FAIL, "7 tasks wait", "notifications")


@INDOORS
def test_a_house_for_trying_out_has_no_failure_that_is_none() -> None:
    """What `make run` shows on its first day, with its worker and its Redis up."""
    alarming: list[Check] = [check() for check in (*habits.CHECKS, *providers.CHECKS, house.demo)]

    assert [check for check in alarming if check.verdict is Verdict.FAIL] == []
    assert db.session.scalar(select(func.count()).select_from(LogLine)) == 0
