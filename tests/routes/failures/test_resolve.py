"""A failure is closed because the guest was told another way, and opened again: on a message's and a booking's page."""

from typing import Any

import pytest

from tests.conftest import Browser
from tests.factories import a_booking
from tests.routes.failures.test_batches import a_failure, now_of
from tests.support.forms import fields_of
from webapp.database import read_now, writing
from webapp.models import Message, MessageStatus
from webapp.services import bookings
from webapp.services.audit import Actor
from webapp.services.failures import resolve, retry

ACTS = ("resolution", "reopening")


def page_of(message: Message) -> str:
    return f"/messages/{message.id}"


def press(browser: Browser, message: Message, act: str, *, htmx: bool = True, **typed: str) -> Any:
    path = f"{page_of(message)}/{act}"
    form = fields_of(browser.get(page_of(message)).text, path)
    return browser.act(path, htmx=htmx, **(form | typed))


def test_it_is_resolved_and_reopened_from_its_page(manager: Browser) -> None:
    message = a_failure()

    answer = press(manager, message, "resolution", note="Called her")

    assert f'id="message-{message.id}-detail"' in answer.text
    assert now_of(message).resolved_note == "Called her"
    page = manager.get(page_of(message)).text
    assert "closed it without sending it again. Called her" in page and "Reopen" in page
    press(manager, message, "reopening")
    assert now_of(message).resolved_at is None
    assert "opened it again" in manager.get(page_of(message)).text


def test_it_works_without_a_script(manager: Browser) -> None:
    message = a_failure()

    answer = press(manager, message, "resolution", htmx=False)

    assert (answer.status_code, answer.headers["Location"]) == (303, page_of(message))
    assert "is resolved" in manager.get(page_of(message)).text


def test_a_form_may_be_used_again_after_it_was_reopened(manager: Browser) -> None:
    message = a_failure()

    for act in (*ACTS, *ACTS, "resolution"):
        press(manager, message, act)

    assert now_of(message).resolved_at is not None


def test_the_second_of_two_managers_is_told_of_the_first(manager: Browser) -> None:
    message = a_failure()
    path = f"{page_of(message)}/resolution"
    form = fields_of(manager.get(page_of(message)).text, path)
    resolve.resolve(message, by=Actor("Theo Brandt"), token=message.token or "", note="Called")

    answer = manager.act(path, **form)

    assert answer.status_code == 409 and "Theo Brandt has resolved it: Called." in answer.text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("phone", "told the guest by phone"),
        ("in_person", "told the guest in person"),
        ("other", "told the guest another way"),
        ("", "closed it without sending it again"),
    ],
)
def test_the_front_desk_says_how_the_guest_was_told(front_desk: Browser, how: str, said: str) -> None:
    message = a_failure()

    press(front_desk, message, "resolution", how=how, note="Twice")

    assert f"Rosa Silva {said}. Twice" in front_desk.get(page_of(message)).text


def test_a_way_that_nobody_knows_is_refused(front_desk: Browser) -> None:
    message = a_failure()

    answer = front_desk.act(f"{page_of(message)}/resolution", token=message.token or "", how="pigeon")

    assert answer.status_code == 422
    assert now_of(message).resolved_at is None


def an_act_that_failed() -> list[Message]:
    booking = a_booking(reference="BK-7")
    bookings.confirm(booking, by=Actor("Martin Keller"))
    messages = bookings.get("BK-7").messages
    with writing():
        for message in messages:
            message.status, message.error_code, message.settled_at = MessageStatus.FAILED, "30003", read_now()
    return messages


def tell(browser: Browser, noun: str = "telling", *, htmx: bool = True, **typed: str) -> Any:
    url = f"/bookings/BK-7/{noun}"
    return browser.act(url, htmx=htmx, **(fields_of(browser.get("/bookings/BK-7").text, url) | typed))


@pytest.mark.parametrize("htmx", [True, False])
def test_the_failures_of_an_act_are_closed_together_and_opened_again(front_desk: Browser, htmx: bool) -> None:
    messages = an_act_that_failed()
    assert "Not reached" in front_desk.get("/bookings/BK-7").text

    answer = tell(front_desk, htmx=htmx, how="phone", note="She was glad")

    page = answer.text if htmx else front_desk.get("/bookings/BK-7").text
    assert {now_of(message).resolved_how for message in messages} == {"phone"}
    assert page.count("</bdi> told the guest by phone: ") == 1 and "She was glad" in page and "Undo" in page
    assert "Not reached" not in page
    tell(front_desk, "telling/reopening", htmx=htmx)
    assert [now_of(message).resolved_at for message in messages] == [None] * 3
    assert "Not reached" in front_desk.get("/bookings/BK-7").text


def test_an_act_can_be_told_again_after_it_was_opened_again(front_desk: Browser) -> None:
    messages = an_act_that_failed()

    for noun in ("telling", "telling/reopening", "telling"):
        tell(front_desk, noun, how="phone")

    assert now_of(messages[0]).resolved_how == "phone"


def test_nothing_is_closed_if_one_of_them_was_sent_again_meanwhile(front_desk: Browser) -> None:
    messages = an_act_that_failed()
    url = "/bookings/BK-7/telling"
    form = fields_of(front_desk.get("/bookings/BK-7").text, url)
    retry.retry(messages[2], by=Actor("Aisha Bello"))

    answer = front_desk.act(url, **form | {"how": "phone"})

    assert answer.status_code == 409 and "Aisha Bello sent it again just before you." in answer.text
    assert now_of(messages[0]).resolved_at is None


def test_a_failure_of_another_booking_cannot_be_closed_from_here(front_desk: Browser) -> None:
    an_act_that_failed()
    other = a_failure()

    assert front_desk.act("/bookings/BK-7/telling", seen=f"{other.id}:{other.token}", how="phone").status_code == 404
    assert now_of(other).resolved_at is None


def test_a_resolved_one_is_sent_again_only_by_who_knew(admin: Browser) -> None:
    message = a_failure()
    path = f"{page_of(message)}/retry"
    unknowing = fields_of(admin.get(page_of(message)).text, path)
    press(admin, message, "resolution")

    refused = admin.act(path, **unknowing)
    knowing = fields_of(admin.get(page_of(message)).text, path)

    assert refused.status_code == 409 and "has resolved it" in refused.text
    assert "has dealt with it already" in admin.get(page_of(message)).text
    assert admin.act(path, **knowing).status_code == 200
    assert now_of(message).status is MessageStatus.WAITING


@pytest.mark.parametrize("act", ACTS)
def test_a_message_that_is_not_there_is_404(manager: Browser, act: str) -> None:
    assert manager.act(f"/messages/4711/{act}").status_code == 404


def test_one_that_was_sent_again_meanwhile_is_shown_as_it_stands(manager: Browser) -> None:
    message = a_failure()
    path = f"{page_of(message)}/resolution"
    form = fields_of(manager.get(page_of(message)).text, path)
    retry.retry(message, by=Actor("Theo Brandt"))

    answer = manager.act(path, **form)

    assert answer.status_code == 409 and "Theo Brandt sent it again" in answer.text
