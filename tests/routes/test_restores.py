"""The pages of an older database: what staff read everywhere, and what an admin does."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.conftest import Browser
from tests.factories import a_message
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Audit, DatabaseMark, Message, MessageStatus
from webapp.monitor import queue
from webapp.services.alerts import finders
from webapp.services.queue import banner
from webapp.services.restores import guard
from webapp.services.restores.guard import Grow

TITLE = "The database is older than what this desk has already sent."


@pytest.fixture
def message(app: Flask) -> Message:
    """One that waits in a database which is older than its mark."""
    waits = a_message()
    for _ in range(3):
        guard.look(Grow.NOW)
    with writing():
        db.session.execute(update(DatabaseMark).values(epoch=1))
    app.extensions.pop("bellhop_known_epoch")
    guard.look()
    banner.forget()
    queue.of_app().forget()
    return waits


def token(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page
    return found.group(1)


@pytest.mark.parametrize("who", ["front_desk", "manager", "admin"])
def test_everybody_reads_it_on_every_page(request: pytest.FixtureRequest, message: Message, who: str) -> None:
    page = request.getfixturevalue(who).get("/").text

    assert TITLE in page and "may go out a second time" in page
    assert ('href="/queue/restored"' in page) == (who == "admin")


def test_the_queue_page_leads_there(admin: Browser, message: Message) -> None:
    for page in (admin.get("/queue").text, admin.get("/queue/state").text):
        assert TITLE in page and 'href="/queue/restored"' in page
    assert admin.get("/queue/channels").text.count("Held back") == 3


def test_the_page_lists_what_may_go_out_twice(admin: Browser, message: Message) -> None:
    page = admin.get("/queue/restored").text

    assert "1 SMS" in page and message.reference in page
    assert f'href="/messages/{message.id}"' in page
    assert message.to not in page  # Nobody's whole number in a list.


@pytest.mark.parametrize(("choice", "status"), [("close", MessageStatus.FAILED), ("send", MessageStatus.WAITING)])
def test_an_admin_who_has_looked_goes_on(admin: Browser, message: Message, choice: str, status: MessageStatus) -> None:
    key = token(admin.get("/queue/restored").text, "form_key")

    answer = admin.act("/queue/restored/resumption", htmx=False, choice=choice, form_key=key)

    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue")
    assert TITLE not in admin.get("/queue").text
    assert db.session.get_one(Message, message.id, populate_existing=True).status is status
    act = db.session.scalars(select(Audit).order_by(Audit.id.desc()).limit(1)).one()
    assert (act.actor, act.detail["choice"]) == (admin.user.name, choice)  # type: ignore[attr-defined]


def test_a_double_click_is_no_error_and_a_second_admin_is_told(admin: Browser, message: Message) -> None:
    key = token(admin.get("/queue/restored").text, "form_key")
    url = "/queue/restored/resumption"

    clicks = [admin.act(url, htmx=False, choice="send", form_key=key).status_code for _ in range(2)]

    assert clicks == [303, 303]
    other = admin.act(url, htmx=False, choice="close", form_key="another")
    assert other.status_code == 409 and "already" in other.text


@pytest.mark.parametrize("choice", ["", "both", "CLOSE"])
def test_without_a_choice_nothing_is_decided(admin: Browser, message: Message, choice: str) -> None:
    assert admin.act("/queue/restored/resumption", choice=choice).status_code == 422
    assert guard.is_held()


@pytest.mark.parametrize("who", ["front_desk", "manager"])
def test_only_an_admin_decides(request: pytest.FixtureRequest, message: Message, who: str) -> None:
    browser = request.getfixturevalue(who)

    assert browser.act("/queue/restored/resumption", choice="send").status_code == 403
    assert browser.get("/queue/restored").status_code == 403
    assert guard.is_held()


def test_resuming_a_channel_says_where_to_look(admin: Browser, message: Message) -> None:
    answer = admin.act("/channels/sms/resumption")

    assert answer.status_code == 409 and "older copy" in answer.text


def test_where_all_is_well_the_page_says_so(admin: Browser) -> None:
    assert "Nothing is held back" in admin.get("/queue/restored").text


def test_readiness_names_it_and_stays_ready(client: Any, message: Message) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json["sending"], answer.json["detail"]) == (200, "held", TITLE)


def test_an_alert_says_since_when(app: Flask, message: Message) -> None:
    found = finders.older_database()

    assert len(found) == 1 and "was in use until" in found[0].sentence
    assert finders.channel_paused() == []  # One trouble, one alert.
