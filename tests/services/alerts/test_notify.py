"""People are told once that it begins and once that it is over, by every way, whoever died in between."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.network.listener import Listener, listening
from webapp import clock
from webapp.channels import webhook
from webapp.channels.smtp import staff_mail
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import TELLING, Alert
from webapp.services.alerts import notify
from webapp.services.housekeeping import leases
from webapp.settings import Settings

pytestmark = [
    pytest.mark.usefixtures("app"),
    pytest.mark.settings(alert_emails=("ops@desk.example",), email_provider="smtp", mail_deadline=5),
]


@pytest.fixture
def chat() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as server:
        yield server


@pytest.fixture
def settings(settings: Settings, chat: Listener, smtp: FakeSmtp) -> Settings:
    """Both ways, over the wire."""
    return settings.model_copy(update=smtp.settings | {"alert_webhook_url": chat.url})


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is tried again at the next call."""
    monkeypatch.setattr(notify, "FIRST_PAUSE", 0.0)


def an_alert(**given: Any) -> int:
    facts = {"cause": "no_worker", "sentence": "Nothing is taking messages.", "noticed_by": "web-1"} | given
    with writing():
        alert = Alert(**facts)
        db.session.add(alert)
        db.session.flush()
        return alert.id


def end(alert_id: int) -> None:
    with writing():
        db.session.execute(update(Alert).where(Alert.id == alert_id).values(over_at=now(), problem=""))


def row() -> Alert:
    db.session.rollback()
    return db.session.scalars(select(Alert)).one()


def test_its_beginning_and_its_end_are_told_once_each(chat: Listener, smtp: FakeSmtp) -> None:
    alert_id = an_alert()
    tell = notify.tell_pending

    assert [tell(), tell()] == [1, 0]
    end(alert_id)
    assert [tell(), tell()] == [1, 0]

    assert [mail.mail["Subject"] for mail in smtp.mails] == [
        "Bellhop: No worker is running", "Bellhop: A worker is running again",
    ]  # fmt: skip
    assert len(chat.texts) == 2 and row().told_at and row().over_told_at


@pytest.mark.settings(timezone="Europe/Paris", business_name="Harbour Hotel")
def test_it_says_what_since_when_what_to_do_and_where(chat: Listener) -> None:
    an_alert()

    notify.tell_pending()

    title, what, since, advice, link = chat.texts[0].split("\n")
    assert title == "Harbour Hotel: No worker is running" and what == "Nothing is taking messages."
    assert since.startswith("Since ") and (" CET on " in since or " CEST on " in since)
    assert "celery_worker.py" in advice and link == "https://desk.example/queue"


def test_one_way_that_fails_is_told_again_and_the_other_is_not(chat: Listener, smtp: FakeSmtp) -> None:
    an_alert()
    chat.status = 500

    assert notify.tell_pending() == 0
    assert row().problem == "Webhook: It answered 500." and row().told_at is None
    chat.status = 200

    assert notify.tell_pending() == 1
    assert row().problem == "" and row().told_at
    assert (len(smtp.mails), len(chat.texts)) == (1, 2)


def test_a_mail_server_that_is_away_is_tried_again(monkeypatch: pytest.MonkeyPatch, chat: Listener) -> None:
    an_alert()
    told = ["ops@desk.example: The mail server did not answer.", ""]
    monkeypatch.setattr(staff_mail, "send", lambda *_: told.pop(0))

    assert [notify.tell_pending(), notify.tell_pending()] == [0, 1]
    assert len(chat.texts) == 1


@pytest.mark.settings(alert_emails=("ops@desk.example", "gone@desk.example"))
def test_an_address_that_is_wrong_for_ever_does_not_mail_the_others_for_ever(smtp: FakeSmtp) -> None:
    an_alert()
    smtp.refuse("RCPT", "550 5.1.1 No such user", to="gone@desk.example")

    assert [notify.tell_pending(), notify.tell_pending()] == [1, 0]

    assert len(smtp.mails) == 1 and row().problem.startswith("E-mail, in part gone@desk.example: There is no such")


def test_a_chat_that_hangs_costs_its_deadline_and_is_told_later(
    monkeypatch: pytest.MonkeyPatch, chat: Listener
) -> None:
    monkeypatch.setattr(webhook, "TOTAL_SECONDS", 0.3)
    an_alert()
    chat.hangs = True

    assert notify.tell_pending() == 0
    chat.hangs = False
    chat.release()

    assert notify.tell_pending() == 1


def test_what_failed_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch, chat: Listener) -> None:
    monkeypatch.setattr(notify, "FIRST_PAUSE", 15.0)
    moment = [5000.0]
    monkeypatch.setattr(clock, "monotonic", lambda: moment[0])
    monkeypatch.setattr(notify, "_mail", lambda *_: ("", False))
    an_alert()
    chat.status = 500

    for _ in range(60):  # A look every 5 s, for five minutes.
        notify.tell_pending()
        moment[0] += 5

    assert len(chat.texts) == 5  # At once, and after 15, 30, 60 and 120 s.


def test_what_began_and_ended_untold_is_told_as_one(chat: Listener) -> None:
    end(an_alert())

    assert [notify.tell_pending(), notify.tell_pending()] == [1, 0]

    [text] = chat.texts
    assert text.startswith("Bellhop: A worker is running again\nIt lasted from ")
    assert "It was: Nothing is taking messages." in text


def test_an_end_of_long_ago_is_no_news(chat: Listener) -> None:
    an_alert(since=later(-9000), over_at=later(-4000), told_at=later(-9000))

    assert notify.tell_pending() == 0 and chat.texts == []


def test_an_end_that_comes_while_the_beginning_is_told_is_told_too(
    monkeypatch: pytest.MonkeyPatch, chat: Listener
) -> None:
    alert_id = an_alert()
    monkeypatch.setattr(staff_mail, "send", lambda *_: end(alert_id) or "")

    notify.tell_pending()
    monkeypatch.setattr(staff_mail, "send", lambda *_: "")
    notify.tell_pending()

    assert [text.split("\n")[0] for text in chat.texts] == [
        "Bellhop: No worker is running", "Bellhop: A worker is running again",
    ]  # fmt: skip


@pytest.mark.settings(alert_emails=(), alert_webhook_url="")
def test_with_nobody_to_tell_the_page_alone_says_it(settings: Settings, app: Flask) -> None:
    app.config["SETTINGS"] = settings.model_copy(update={"alert_webhook_url": ""})
    an_alert()

    assert notify.tell_pending() == 0 and row().told_at is None


def test_whoever_dies_while_telling_is_followed_by_another(monkeypatch: pytest.MonkeyPatch, chat: Listener) -> None:
    """The lease of the dead one ends by itself: then it is told, perhaps for the second time."""
    an_alert()
    leases.ensure([TELLING])
    leases.hold([TELLING], "the dead one", seconds=notify.SLACK_SECONDS)
    assert notify.tell_pending() == 0 and chat.texts == []

    monkeypatch.setattr(leases, "hold", lambda names, *_, **__: list(names))

    assert notify.tell_pending() == 1 and len(chat.texts) == 1


@pytest.mark.both_databases
def test_two_processes_that_notice_at_once_tell_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch, chat: Listener
) -> None:
    an_alert()
    together, names = threading.Barrier(2), iter(["web-1", "web-2"])
    mine = threading.local()
    monkeypatch.setattr(notify.heartbeats, "this_process", lambda: mine.name)

    def tell(name: str) -> None:
        mine.name = name
        with app.app_context():
            together.wait(10)
            notify.tell_pending()

    both = [threading.Thread(target=tell, args=(next(names),)) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join(30)

    assert len(chat.texts) == 1 and row().told_at
