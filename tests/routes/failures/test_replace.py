"""Correcting a failed message's address and sending it afresh, as a form of the front desk."""

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_message
from tests.routes.bookings.test_acts import now_of
from tests.services.failures.test_replace import RIGHT, a_failure
from tests.support.forms import fields_of
from webapp.models import BookingStatus, Message, MessageStatus


def address(message: Message) -> str:
    return f"/messages/{message.id}/replacement"


def filled(browser: Browser, message: Message, **typed: str) -> dict[str, str]:
    fields = fields_of(browser.get(address(message)).text, address(message))
    return fields | {"channel": "sms", "phone": RIGHT, "email": ""} | typed


def test_a_failure_leads_to_the_form_from_both_its_pages(front_desk: Browser) -> None:
    message = a_failure()

    for page in (f"/messages/{message.id}", f"/bookings/{message.reference}"):
        assert f'href="{address(message)}"' in front_desk.get(page).text


def test_the_form_says_why_it_failed_and_what_helps(front_desk: Browser) -> None:
    page = front_desk.get(address(a_failure())).text

    assert "This is not a phone number that exists." in page and "Check the number with the guest" in page


def test_it_is_sent_afresh_once_however_often_it_is_clicked(front_desk: Browser) -> None:
    message = a_failure()
    form = filled(front_desk, message)

    answers = [front_desk.act(address(message), htmx=False, **form) for _ in range(2)]

    assert [a.headers["Location"] for a in answers] == [f"/bookings/{message.reference}"] * 2
    assert "is resent" in front_desk.get(f"/bookings/{message.reference}").text
    assert len(now_of(message).booking.messages) == 2


@pytest.mark.parametrize(("field", "typed", "says"), [("phone", "12", "country code"), ("email", "a@", "name@example")])
def test_a_wrong_address_is_said_at_its_field_and_kept(front_desk: Browser, field: str, typed: str, says: str) -> None:
    message = a_failure()

    answer = front_desk.act(address(message), htmx=False, **filled(front_desk, message, **{field: typed}))

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text and says in answer.text
    assert f'value="{typed}"' in answer.text


def test_what_may_have_arrived_is_warned_of(front_desk: Browser) -> None:
    page = front_desk.get(address(a_failure("may_have_arrived"))).text

    assert "It may have arrived already." in page and "Resend anyway" in page


def test_another_clerk_sees_who_was_first(front_desk: Browser, manager: Browser) -> None:
    message = a_failure()
    late = filled(manager, message)
    front_desk.act(address(message), htmx=False, **filled(front_desk, message))

    answer = manager.act(address(message), htmx=False, **late)

    assert answer.status_code == 409 and "Rosa Silva has resolved it already" in answer.text


def test_a_message_that_did_not_fail_has_no_form(front_desk: Browser) -> None:
    message = a_message(status=MessageStatus.DELIVERED)

    page = front_desk.get(address(message)).text

    assert "only a failed message can be resent" in page and '<button class="btn primary"' not in page


def test_news_that_is_no_longer_true_is_not_offered(front_desk: Browser) -> None:
    message = a_message(a_booking(BookingStatus.CANCELLED), status=MessageStatus.FAILED, error_code="21211")

    assert address(message) not in front_desk.get(f"/messages/{message.id}").text
    assert "no longer true" in front_desk.get(address(message)).text
