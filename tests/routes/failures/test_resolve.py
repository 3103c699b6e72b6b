"""Resolve and Reopen, as a manager's buttons on a message's page."""

from typing import Any

import pytest

from tests.conftest import Browser
from tests.routes.failures.test_batches import a_failure, now_of
from tests.support.forms import fields_of, offers
from webapp.models import Message, MessageStatus
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


def test_the_front_desk_may_do_neither_and_is_offered_neither(front_desk: Browser) -> None:
    message = a_failure()

    assert [front_desk.act(f"{page_of(message)}/{act}").status_code for act in ACTS] == [403, 403]
    page = front_desk.get(page_of(message)).text
    assert not any(offers(page, f"{page_of(message)}/{act}") for act in ACTS)


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
