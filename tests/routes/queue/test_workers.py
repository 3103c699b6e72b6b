"""The pages of one worker and one task, and telling a worker to stop."""

from typing import Any

import pytest

from tests.factories import a_message, an_attempt
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import DutyLease, Message, MessageStatus, WorkerRow

NAME = "notification_worker-1@desk"
PAGE = f"/queue/workers/{NAME}"


@pytest.fixture(autouse=True)
def worker(admin: Any) -> None:
    """One that lives, does a duty, and has made a hand-over."""
    with writing():
        db.session.add(WorkerRow(name=NAME, pool="threads", concurrency=16, version="0.0.9"))
        db.session.add(DutyLease(name="look_up", holder=NAME, until=later(9)))


def test_a_worker_opens_to_what_it_is_and_did(admin: Any) -> None:
    message = a_message(reference="BK-7001")
    an_attempt(message, worker=NAME, ended_at=now())
    an_attempt(a_message(reference="BK-7002"), worker="other")

    page = admin.get(PAGE).text

    assert "Online" in page and "Look up" in page and "0.0.9 (this page:" in page
    assert f'href="/messages/{message.id}">SMS, BK-7001</a>' in page
    assert "BK-7002" not in page


def test_what_it_runs_leads_to_message_and_booking(admin: Any) -> None:
    message = a_message(status=MessageStatus.SENDING)
    an_attempt(message, outcome=None, worker=NAME, started_at=later(-9))
    with writing():
        db.session.get_one(Message, message.id).lease_until = later(60)

    for page in (admin.get(PAGE).text, admin.get("/queue/figures").text):
        assert f'href="/messages/{message.id}"' in page
        assert f'href="/bookings/{message.reference}"' in page


def test_a_hand_over_past_its_deadline_makes_its_worker_stuck(admin: Any) -> None:
    message = a_message(status=MessageStatus.SENDING)
    an_attempt(message, outcome=None, worker=NAME, started_at=later(-30))
    with writing():
        db.session.get_one(Message, message.id).lease_until = later(60)
        db.session.get_one(WorkerRow, NAME).longest_call = 30

    page = admin.get("/queue/figures").text

    assert "Stuck in one call for 3" in page and "Too long" in page
    state = admin.get("/queue/state").text
    assert "A worker is stuck." in state or "Redis does not answer." in state
    assert ">Online<" not in page


@pytest.mark.parametrize(("seen", "words"), [(-11, "Late, quiet for 11 s"), (-20, "Not heard from for 20 s")])
def test_a_worker_that_is_quiet_does_not_look_healthy(admin: Any, seen: float, words: str) -> None:
    with writing():
        db.session.get_one(WorkerRow, NAME).seen_at = later(seen)

    page = admin.get(PAGE).text

    assert words.split(" for ", maxsplit=1)[0] in page
    assert ">Online<" not in page


def test_a_worker_is_told_to_stop_and_the_page_says_so(admin: Any) -> None:
    answer = admin.act(f"{PAGE}/stop")

    assert answer.status_code == 200
    assert "Stopping" in answer.text and "asked it to stop" in answer.text
    assert "If a supervisor watches over it, it is started again." in answer.text
    assert 'id="stop"' not in answer.text


def test_without_a_script_a_stop_leads_back_to_the_worker(admin: Any) -> None:
    answer = admin.act(f"{PAGE}/stop", htmx=False)

    assert (answer.status_code, answer.headers["Location"]) == (303, PAGE)
    assert admin.act(f"{PAGE}/stop").status_code == 409


def test_a_worker_that_has_stopped_still_has_a_page(admin: Any) -> None:
    with writing():
        row = db.session.get_one(WorkerRow, NAME)
        row.stopped_at = row.stop_asked_at = now()
        row.stop_asked_by = "Rosa Silva"

    page = admin.get(PAGE).text

    assert "Stopped" in page and "Rosa Silva" in page


def test_a_worker_that_was_never_seen_is_not_found(admin: Any) -> None:
    assert admin.get("/queue/workers/nobody").status_code == 404
    assert admin.act("/queue/workers/nobody/stop").status_code == 404


def test_a_task_that_is_over_says_so(admin: Any) -> None:
    assert admin.get("/queue/tasks/t1").status_code == 404
    detail = admin.get("/queue/tasks/t1/detail").text
    assert "The task is over" in detail and "data-poll" not in detail
