"""Dealing with many failures at once, as pages: what is shown before, who may do it, and that it is done once."""

import re
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.conftest import Browser
from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from tests.support.forms import fields_of, offers
from webapp.extensions import db
from webapp.models import (
    Action,
    AttemptOutcome,
    Audit,
    Batch,
    BatchRow,
    BookingStatus,
    ChannelName,
    Message,
    MessageStatus,
)
from webapp.services.failures import batch_runner


@pytest.fixture(autouse=True)
def _as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The click that starts it does all of it, however slow this machine is."""
    monkeypatch.setattr(batch_runner, "FIRST_PART", 60)


def a_failure(code: str = "30005", **given: Any) -> Message:
    message = a_message(status=MessageStatus.FAILED, error_code=code, **given)
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code=code)
    return message


def planned(browser: Browser, kind: str, **fields: Any) -> str:
    """Plan an act; the address of its page."""
    answer = browser.act("/messages/batches", htmx=False, kind=kind, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def start(browser: Browser, page: str, **fields: str) -> Any:
    return browser.act(f"{page}/start", htmx=False, **fields)


def now_of(message: Message) -> Message:
    db.session.rollback()
    return fresh(message)


def test_ticked_failures_are_previewed_and_nothing_is_changed(admin: Browser) -> None:
    one, two = a_failure(), a_failure("30006")

    page = planned(admin, "retry", id=[one.id, two.id])

    text = admin.get(page).text
    assert "Send 2 messages again?" in text and "2 messages to 2 guests" in text
    assert "The carrier does not know this number" in text and "This is a landline" in text
    assert now_of(one).status is now_of(two).status is MessageStatus.FAILED


def test_a_preview_writes_nothing(admin: Browser) -> None:
    page = planned(admin, "retry", id=a_failure().id)

    admin.get(page)

    db.session.rollback()
    assert db.session.scalars(select(Batch.started_at)).all() == [None]
    assert db.session.scalars(select(BatchRow.outcome)).all() == [""]


def test_it_is_started_from_its_page_and_done(admin: Browser, bells: list[int]) -> None:
    one, two = a_failure(), a_failure()
    page = planned(admin, "retry", all="1", status="failed")
    assert offers(admin.get(page).text, f"{page}/start")

    answer = start(admin, page)

    assert answer.headers["Location"] == page
    assert now_of(one).status is now_of(two).status is MessageStatus.WAITING
    assert bells == [one.guest_id, two.guest_id]
    assert "Send again: 2 messages" in admin.get(page).text


def test_a_double_click_and_a_second_tab_have_one_effect(admin: Browser) -> None:
    message = a_failure()
    page = planned(admin, "retry", id=message.id)

    answers = [start(admin, page) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    db.session.rollback()
    acts = select(Audit.action, func.count()).where(Audit.action.in_([Action.MESSAGES_RETRIED, Action.MESSAGE_RETRIED]))
    assert sorted(map(tuple, db.session.execute(acts.group_by(Audit.action)))) == [
        (Action.MESSAGE_RETRIED, 1),
        (Action.MESSAGES_RETRIED, 1),
    ]


def test_the_act_is_written_down_once_with_its_counts(admin: Browser) -> None:
    sms, mail = a_failure(), a_failure("550", channel=ChannelName.EMAIL)

    start(admin, planned(admin, "retry", id=[sms.id, mail.id]))

    db.session.rollback()
    act = db.session.scalars(select(Audit).where(Audit.action == Action.MESSAGES_RETRIED)).one()
    assert act.user_id == admin.user.id  # type: ignore[attr-defined]
    assert (act.detail["messages"], act.detail["channels"]) == (2, {"sms": 1, "email": 1})


def test_many_are_resolved_with_a_note_by_a_manager(manager: Browser) -> None:
    one, two = a_failure(), a_failure()
    page = planned(manager, "resolve", id=[one.id, two.id])

    start(manager, page, note="Called them both")

    assert [now_of(m).resolved_note for m in (one, two)] == ["Called them both"] * 2
    assert now_of(one).resolved_by == manager.user.name  # type: ignore[attr-defined]


def test_many_are_reopened(manager: Browser) -> None:
    one = a_failure()
    start(manager, planned(manager, "resolve", id=one.id))

    start(manager, planned(manager, "reopen", id=one.id))

    assert now_of(one).resolved_at is None


def test_a_manager_may_not_send_many_again(manager: Browser, admin: Browser) -> None:
    message = a_failure()
    page = planned(admin, "retry", id=message.id)

    assert manager.act("/messages/batches", htmx=False, kind="retry", id=message.id).status_code == 403
    assert start(manager, page).status_code == 403
    text = manager.get(page).text
    assert not offers(text, f"{page}/start") and "Only an admin" in text
    assert now_of(message).status is MessageStatus.FAILED


@pytest.mark.parametrize("kind", ["retry", "resolve", "reopen"])
def test_the_front_desk_may_do_none_of_it(front_desk: Browser, admin: Browser, kind: str) -> None:
    page = planned(admin, kind, id=a_failure().id)

    answers = [
        front_desk.act("/messages/batches", htmx=False, kind=kind, id=1), start(front_desk, page),
        front_desk.get(page), front_desk.get(f"{page}/progress"), front_desk.get("/messages/failures"),
    ]  # fmt: skip

    assert [answer.status_code for answer in answers] == [403] * 5


@pytest.mark.parametrize("fields", [{}, {"kind": "delete", "id": "1"}, {"kind": "resolve", "id": "1; DROP"}])
def test_a_form_that_is_none_is_refused(admin: Browser, fields: dict[str, str]) -> None:
    assert admin.act("/messages/batches", htmx=False, **fields).status_code == 422


def test_a_filter_that_is_not_understood_is_not_taken_for_everything(admin: Browser) -> None:
    a_failure()

    answer = admin.act("/messages/batches", htmx=False, kind="retry", all="1", status="failed", channel="fax")

    assert answer.status_code == 422 and "channel" in answer.text


def test_where_nothing_matches_any_more_it_says_so(admin: Browser) -> None:
    answer = admin.act("/messages/batches", htmx=False, kind="retry", all="1", status="failed")

    assert answer.headers["Location"] == "/messages/failures"
    assert "No failed message matches any more" in admin.get("/messages/failures").text


def test_the_preview_says_what_will_be_left_and_why(admin: Browser) -> None:
    good, void = a_failure(), a_failure(booking=a_booking(BookingStatus.CANCELLED))

    text = admin.get(planned(admin, "retry", id=[good.id, void.id])).text

    assert "1 message will be left as it is" in text and "No longer true" in text
    assert re.search(r"Send 1 message again\s*</button>", text)


def test_the_preview_warns_of_what_may_have_arrived_and_of_a_later_message(admin: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    one, two = a_failure("may_have_arrived"), a_failure(booking=booking)
    a_message(booking, status=MessageStatus.DELIVERED)

    text = admin.get(planned(admin, "retry", id=[one.id, two.id])).text

    assert "1 message: It may have arrived already." in text
    assert "1 message: A later SMS has gone out to this guest since." in text


def test_after_it_the_page_says_what_became_of_each(admin: Browser) -> None:
    good, gone = a_failure(), a_failure()
    page = planned(admin, "retry", id=[good.id, gone.id])
    with_it = fields_of(admin.get(f"/messages/{gone.id}").text, f"/messages/{gone.id}/retry")
    admin.act(f"/messages/{gone.id}/retry", **with_it)

    start(admin, page)

    assert 'href="/messages/batches/' in admin.get("/messages/failures").text
    text = admin.get(f"{page}?rows=refused").text
    assert "sent it again just before you" in text and "Somebody was first" in text
    assert good.reference not in text and gone.reference in text
    assert "Waiting" in admin.get(f"{page}/progress").text


def test_there_is_no_batch_of_an_unknown_id(admin: Browser) -> None:
    assert admin.get("/messages/batches/4711").status_code == 404
    assert admin.act("/messages/batches/4711/start").status_code == 404
