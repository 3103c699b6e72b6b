"""The queue page: for admins, honest with Redis down, quiet where nothing changed."""

import gzip
from datetime import timedelta
from typing import Any

import pytest

from tests.factories import a_message, an_attempt
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import ChannelName, DutyLease, Message, MessageStatus, WorkerRow
from webapp.monitor import channels, queue
from webapp.services.audit import Actor
from webapp.services.delivery import channel_gate

HTMX = {"HX-Request": "true"}


def test_an_admin_sees_the_queue(admin: Any) -> None:
    page = admin.get("/queue")

    assert page.status_code == 200
    for heading in ("Running now", "Workers", "Redis", "Registered tasks", "Channels"):
        assert f">{heading}</h2>" in page.text


@pytest.mark.parametrize("path", ["/queue", "/queue/state", "/queue/figures", "/queue/channels"])
def test_a_manager_may_not_see_it(manager: Any, path: str) -> None:
    assert manager.get(path).status_code == 403


@pytest.mark.parametrize("path", ["/queue", "/queue/state", "/queue/figures", "/queue/channels"])
def test_nobody_sees_it_without_signing_in(client: Any, path: str) -> None:
    assert client.get(path).status_code == 302


def test_with_redis_down_one_banner_says_what_still_works(admin: Any) -> None:
    _worker("w1")

    page = admin.get("/queue").text

    assert page.count('class="banner bad"') - page.count('id="net-error"') == 1
    assert "Redis does not answer." in page
    assert "every message is saved" in page


def test_with_redis_down_messages_are_counted_and_bells_are_unknown(admin: Any) -> None:
    for _ in range(3):
        a_message(due_in=timedelta(minutes=-2))

    page = admin.get("/queue/figures").text

    assert _figure(page, "Waiting") == "3"
    assert _figure(page, "Oldest waiting") == "2 min"
    assert _figure(page, "Wake-up calls in Redis") == "unknown"
    assert "Celery tasks: unknown" in page


def test_without_a_worker_the_page_says_what_to_do(admin: Any) -> None:
    page = admin.get("/queue").text

    assert "No worker is running" in page
    assert "python celery_worker.py" in page


def test_a_hand_over_is_shown_with_its_booking_though_redis_is_down(admin: Any) -> None:
    message = a_message(status=MessageStatus.SENDING)
    an_attempt(message, outcome=None, worker="notification_worker-1@desk")
    with writing():
        db.session.get_one(Message, message.id).lease_until = later(60)

    page = admin.get("/queue/figures").text

    assert _figure(page, "Running now") == "1"
    assert message.reference in page
    assert "notification_worker-1@desk" in page


def test_a_worker_that_is_not_heard_from_says_since_when(admin: Any) -> None:
    _worker("w1", seen=-120)

    page = admin.get("/queue/figures").text

    assert "Not heard from" in page
    assert "last seen at" in page


def test_a_poll_that_brings_nothing_new_answers_304(admin: Any) -> None:
    first = admin.get("/queue/figures", headers=HTMX)

    again = admin.get("/queue/figures", headers={**HTMX, "If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.text) == (304, "")


def test_a_poll_that_brings_something_new_answers_it(admin: Any) -> None:
    first = admin.get("/queue/figures", headers=HTMX)
    a_message()
    queue.of_app().forget()

    again = admin.get("/queue/figures", headers={**HTMX, "If-None-Match": first.headers["ETag"]})

    assert again.status_code == 200
    assert _figure(again.text, "Waiting") == "1"


def test_a_poll_is_small(admin: Any) -> None:
    for _ in range(5):
        a_message()

    assert len(gzip.compress(admin.get("/queue/figures", headers=HTMX).data)) < 3 * 1024


def test_a_paused_channel_is_resumed_where_the_page_names_it(admin: Any) -> None:
    channel_gate.pause(ChannelName.SMS, why="Twilio is down", by=Actor("Aisha Bello"))
    _worker("w1")
    queue.of_app().forget()
    a_message(due_in=timedelta(minutes=-2))

    (closed,) = channels.closed()

    assert (closed.name, closed.waiting, closed.why) == (ChannelName.SMS, 1, "Twilio is down")
    admin.act("/channels/sms/resumption")
    assert channels.closed() == ()


def test_background_jobs_that_are_fine_are_folded(admin: Any) -> None:
    with writing():
        for name, error in (("ring", ""), ("sample", ""), ("prune", "It broke.")):
            lease = {"holder": "w1", "until": later(60), "done_at": later(-1), "error": error}
            db.session.add(DutyLease(name=name, **lease))

    page = admin.get("/queue/house").text

    shown, folded = page.split("2 other jobs are fine")
    assert "Prune" in shown and "It broke." in shown and "Ring" in folded and "Sample" in folded


def _figure(page: str, name: str) -> str:
    after = page.split(f'<p class="name">{name}</p>')[1]
    return after.split("</p>")[0].split(">")[-1].strip()


def _worker(name: str, *, seen: float = 0) -> None:
    with writing():
        db.session.add(WorkerRow(name=name, pool="threads", concurrency=16, seen_at=later(seen)))
