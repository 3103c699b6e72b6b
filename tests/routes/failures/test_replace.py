"""Correcting a failed message's address and sending it afresh, as a form of the front desk."""

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_message
from tests.routes.bookings.test_acts import now_of
from tests.services.failures.test_replace import RIGHT, a_failure
from tests.support.forms import fields_of
from webapp.database import writing
from webapp.models import BookingStatus, ChannelName, Message, MessageStatus


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
    assert "Sent again." in front_desk.get(f"/bookings/{message.reference}").text
    assert len(now_of(message).booking.messages) == 2


@pytest.mark.parametrize(("field", "typed", "says"), [("phone", "12", "country code"), ("email", "a@", "name@example")])
def test_a_wrong_address_is_said_at_its_field_and_kept(front_desk: Browser, field: str, typed: str, says: str) -> None:
    message = a_failure()

    answer = front_desk.act(address(message), htmx=False, **filled(front_desk, message, **{field: typed}))

    assert answer.status_code == 422 and f'id="{field}-error"' in answer.text and says in answer.text
    assert f'value="{typed}"' in answer.text


def test_what_may_have_arrived_is_warned_of(front_desk: Browser) -> None:
    page = front_desk.get(address(a_failure("may_have_arrived"))).text

    assert "It may have arrived already." in page and "Send again anyway" in page


def test_another_clerk_sees_who_was_first(front_desk: Browser, manager: Browser) -> None:
    message = a_failure()
    late = filled(manager, message)
    front_desk.act(address(message), htmx=False, **filled(front_desk, message))

    answer = manager.act(address(message), htmx=False, **late)

    assert answer.status_code == 409 and "Rosa Silva has dealt with it already" in answer.text


def test_a_message_on_its_way_has_no_form(front_desk: Browser) -> None:
    message = a_message()

    page = front_desk.get(address(message)).text

    assert "wait until it has arrived or failed" in page and '<button class="btn primary"' not in page


@pytest.mark.parametrize("status", [MessageStatus.DELIVERED, MessageStatus.SENT, MessageStatus.SKIPPED])
def test_what_arrived_is_sent_again_to_another_address_for_once(front_desk: Browser, status: MessageStatus) -> None:
    message = a_message(status=status)
    assert "Send again …" in front_desk.get(f"/bookings/{message.reference}").text
    form = filled(front_desk, message, channel="email", email="wife@guests.example")
    assert "keep" not in form

    front_desk.act(address(message), htmx=False, **form)

    booking = now_of(message).booking
    assert [one.to for one in booking.messages][1:] == ["wife@guests.example"]
    assert booking.email != "wife@guests.example"


def test_it_is_undone_like_any_act_and_the_failure_is_open_again(front_desk: Browser) -> None:
    message = a_failure()
    before = message.to
    front_desk.act(address(message), htmx=False, **filled(front_desk, message, keep="1"))
    page, undo = front_desk.get(f"/bookings/{message.reference}").text, f"/bookings/{message.reference}/undo"

    answer = front_desk.act(undo, **fields_of(page, undo))

    assert "Undone. Nothing was sent." in answer.text and "stopped a message that was sent again" in answer.text
    assert now_of(message).resolved_at is None
    assert now_of(message).booking.phone == before


def test_one_correction_mends_all_that_failed_for_the_wrong_number(front_desk: Browser) -> None:
    first, second = a_failure(), a_booking(BookingStatus.CONFIRMED, phone="+15005550001", reference="BK-OTHER")
    with writing():
        first.to, second.guest_id = "+15005550001", first.guest_id
        first.booking.phone = "+15005550001"
    same = a_message(first.booking, channel=ChannelName.WHATSAPP, status=MessageStatus.FAILED, error_code="21211")
    other = a_message(second, status=MessageStatus.FAILED, error_code="21211")
    page = front_desk.get(address(first)).text
    assert (
        "Also send the other messages that failed at +15005550001" in page
        and "SMS: Booking confirmed (BK-OTHER)" in page
    )

    front_desk.act(
        address(first), htmx=False, **filled(front_desk, first, keep="1", also=[str(same.id), str(other.id)])
    )

    made = [(one.channel, one.to) for one in now_of(first).booking.messages if one.act_id]
    assert made == [("sms", RIGHT), ("whatsapp", RIGHT)]
    assert [one.to for one in now_of(other).booking.messages if one.act_id] == [RIGHT]
    assert now_of(second).phone == RIGHT
    assert all(now_of(one).resolved_at for one in (first, same, other))


def test_news_that_is_no_longer_true_is_not_offered(front_desk: Browser) -> None:
    message = a_message(a_booking(BookingStatus.CANCELLED), status=MessageStatus.FAILED, error_code="21211")

    assert address(message) not in front_desk.get(f"/messages/{message.id}").text
    assert "no longer true" in front_desk.get(address(message)).text
