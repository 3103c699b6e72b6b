"""The failures by cause, as their page: what is said, which acts are offered to whom, and how it keeps up."""

import pytest

from tests.conftest import Browser
from tests.factories import a_message
from tests.routes.failures.test_batches import a_failure, planned, start
from tests.support.forms import fields_of
from webapp.models import ChannelName, MessageStatus
from webapp.services.failures import by_reason

PAGE = "/messages/failures"


@pytest.fixture(autouse=True)
def _afresh(app: object) -> None:
    by_reason.forget()


def test_where_nothing_failed_it_says_that_all_is_well(manager: Browser) -> None:
    a_message(status=MessageStatus.DELIVERED)

    assert "Every message arrived or is on its way" in manager.get(PAGE).text


def test_a_cause_is_told_with_what_helps_and_its_messages(manager: Browser) -> None:
    for _ in range(2):
        a_failure("21614")

    text = " ".join(manager.get(PAGE).text.split())

    assert "2</b> SMS: This number cannot receive texts; it may be a landline." in text
    assert "2 guests" in text and "Use another channel, or ask the guest for another number." in text
    assert 'href="/messages?status=failed&amp;channel=sms&amp;cause=21614"' in text


def test_a_single_failure_leads_to_itself_and_to_its_correction(manager: Browser) -> None:
    message = a_failure("30005")

    text = manager.get(PAGE).text

    assert f'href="/messages/{message.id}"' in text
    assert f'href="/messages/{message.id}/replacement"' in text


def test_only_an_admin_is_offered_to_send_again(manager: Browser, admin: Browser) -> None:
    a_failure()

    assert 'value="retry"' not in manager.get(PAGE).text
    assert 'value="retry"' in admin.get(PAGE).text


def test_what_has_expired_is_not_offered_to_be_sent_again(admin: Browser) -> None:
    a_failure("expired")

    page = admin.get(PAGE).text

    assert 'value="retry"' not in page and 'value="resolve"' in page


def test_a_button_plans_what_its_cause_says(admin: Browser) -> None:
    a_failure("550", channel=ChannelName.EMAIL)
    message = a_failure("21614")

    form = fields_of(admin.get(PAGE).text.split('id="cause-sms', 1)[1], "/messages/batches")
    answer = admin.act("/messages/batches", htmx=False, **form)

    assert form == {"status": "failed", "channel": "sms", "cause": "21614", "kind": "retry", "all": "1"}
    text = admin.get(answer.headers["Location"]).text
    assert "Send 1 message again?" in text and message.reference in text


def test_a_poll_keeps_the_order_that_the_page_has(manager: Browser) -> None:
    for code in ("30005", "30006", "30006"):
        a_failure(code)

    text = manager.get(f"{PAGE}/list?shown=sms:30005&shown=sms:21614").text

    assert text.index("The carrier does not know") < text.index("Dealt with.") < text.index("This is a landline")


def test_a_poll_that_brings_nothing_new_is_304(manager: Browser) -> None:
    a_failure()
    first = manager.get(f"{PAGE}/list")

    again = manager.get(f"{PAGE}/list", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_acts_on_many_are_listed_once_they_were_started(admin: Browser) -> None:
    planned(admin, "resolve", id=a_failure().id)
    page = planned(admin, "resolve", id=a_failure().id)
    start(admin, page, note="Called")

    text = admin.get(PAGE).text

    assert "Done lately" in text and text.count("Resolved: 1 message") == 1
    assert f'href="{page}"' in text and "Called" in text
