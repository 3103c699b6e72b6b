"""A message's page and its fragments: what is said, what is hidden, and when a page stops asking."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.conftest import Browser
from tests.factories import a_booking, a_message, an_attempt
from tests.services.texts.test_versions import statements
from webapp.channels.reasons import explain
from webapp.database import later, now, writing
from webapp.models import AttemptOutcome, BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services.delivery import receipts

MARKUP = "<img src=x onerror=alert(1)>"
SETTLED = (MessageStatus.DELIVERED, MessageStatus.READ, MessageStatus.FAILED, MessageStatus.SKIPPED)


def row(browser: Browser, message: Message) -> str:
    answer = browser.get(f"/messages/{message.id}/row", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("path", ["", "/row", "/detail"])
def test_nobody_reads_a_message_without_signing_in(client: FlaskClient, path: str) -> None:
    message = a_message()

    assert "/login" in client.get(f"/messages/{message.id}{path}").headers["Location"]


@pytest.mark.parametrize("path", ["", "/row", "/detail"])
@pytest.mark.parametrize("number", ["4711", "0", "9" * 30])
def test_a_message_that_is_not_there_is_404(front_desk: Browser, number: str, path: str) -> None:
    assert front_desk.get(f"/messages/{number}{path}").status_code == 404


def test_the_page_shows_the_text_as_it_was_frozen(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name="Zoë Brännström")
    message = a_message(booking, channel=ChannelName.EMAIL, subject="Your booking", body="See you at the pier!")

    page = front_desk.get(f"/messages/{message.id}").text

    for said in ("E-mail: Booking confirmed", "Zoë Brännström", "Your booking", "See you at the pier!"):
        assert said in page
    assert f"/bookings/{booking.reference}" in page


def test_a_test_message_has_a_page_too(front_desk: Browser) -> None:
    message = a_message(booking_id=None, event=Event.TEST, reference="TEST-1")

    assert "Test message" in front_desk.get(f"/messages/{message.id}").text
    assert "Test message" in row(front_desk, message)


def test_a_row_says_channel_event_status_and_the_address_in_full(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, phone="+447700900184")

    shown = row(front_desk, a_message(booking, status=MessageStatus.SENT))

    for said in ("SMS", "Booking confirmed", "Sent", "+447700900184"):
        assert said in shown


def test_a_failure_says_why_what_helps_and_the_raw_code(front_desk: Browser) -> None:
    shown = row(front_desk, a_message(status=MessageStatus.FAILED, error_code="21211"))

    for said in ("Not delivered", "This is not a phone number that exists.", "Check the number", ">21211<"):
        assert said in shown
    assert 'href="https://www.twilio.com/docs/api/errors/21211"' in shown


def test_a_message_that_went_out_twice_says_so(front_desk: Browser) -> None:
    assert "went out twice" in row(front_desk, a_message(status=MessageStatus.SENT, went_out_twice=True))


def test_a_simulated_message_says_so_everywhere(front_desk: Browser) -> None:
    message = a_message(simulated=True)

    assert "Simulated" in row(front_desk, message)
    assert "Simulated" in front_desk.get(f"/messages/{message.id}").text


def test_attempts_are_folded_below(front_desk: Browser) -> None:
    message = a_message(status=MessageStatus.FAILED)
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code="21211", detail="HTTP 400", worker="desk-7")

    shown = row(front_desk, message)

    assert "<details" in shown and "1 attempt" in shown
    for said in ("Refused for good", "HTTP 400", "desk-7", "twilio"):
        assert said in shown


@pytest.mark.parametrize("status", list(MessageStatus))
def test_a_fragment_asks_for_itself_until_it_is_settled(front_desk: Browser, status: MessageStatus) -> None:
    message = a_message(status=status)
    with writing():
        message.sent_at = now()

    for path in ("row", "detail"):
        polls = "hx-trigger" in front_desk.get(f"/messages/{message.id}/{path}").text
        assert polls is (status not in SETTLED)


def test_a_receipt_that_did_not_come_in_time_ends_the_asking(front_desk: Browser) -> None:
    message = a_message(status=MessageStatus.SENT)
    with writing():
        message.sent_at = message.created_at - timedelta(hours=25)

    shown = row(front_desk, message)

    assert "Sent, no receipt came" in shown
    assert "hx-trigger" not in shown


@pytest.mark.parametrize("path", ["row", "detail"])
def test_an_unchanged_fragment_is_not_sent_again(front_desk: Browser, path: str) -> None:
    message = a_message()
    asked = {"HX-Request": "true"}
    first = front_desk.get(f"/messages/{message.id}/{path}", headers=asked)

    second = front_desk.get(f"/messages/{message.id}/{path}", headers=asked | {"If-None-Match": first.headers["ETag"]})

    assert (second.status_code, second.text) == (304, "")
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_a_changed_fragment_is_sent(front_desk: Browser) -> None:
    message = a_message(status=MessageStatus.SENT)
    attempt = an_attempt(message)
    first = front_desk.get(f"/messages/{message.id}/row")

    receipts.receive(attempt.token, provider_id=attempt.provider_id or "", status="delivered")

    second = front_desk.get(f"/messages/{message.id}/row", headers={"If-None-Match": first.headers["ETag"]})
    assert second.status_code == 200
    assert "Delivered" in second.text


def test_what_a_guest_typed_is_shown_as_text(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name=MARKUP, service=MARKUP)
    message = a_message(booking, body=MARKUP, subject=MARKUP)

    page = front_desk.get(f"/messages/{message.id}").text

    assert MARKUP not in page
    assert "&lt;img src=x" in page


def test_only_an_admin_is_offered_to_send_again(front_desk: Browser, manager: Browser, admin: Browser) -> None:
    message = a_message(status=MessageStatus.FAILED, error_code="30005")

    offered = ["/retry" in browser.get(f"/messages/{message.id}").text for browser in (front_desk, manager, admin)]

    assert offered == [False, False, True]


def test_a_poll_is_small(front_desk: Browser) -> None:
    message = a_message(status=MessageStatus.WAITING, tries_used=3, error_code="503")
    for _ in range(4):
        an_attempt(message, outcome=AttemptOutcome.TEMPORARY, code="503", worker="notification_worker-123@desk")

    assert len(row(front_desk, message)) < 6_000


def fell_back(failed_is: MessageStatus = MessageStatus.FAILED, **stand_in: Any) -> tuple[Message, Message]:
    """A WhatsApp message that failed, and the SMS that stands in for it."""
    code = "63003" if failed_is is MessageStatus.FAILED else ""
    failed = a_message(channel=ChannelName.WHATSAPP, status=failed_is, error_code=code, resolved_at=now(),
                       resolved_by="Bellhop", resolved_note="Sent by SMS instead.")  # fmt: skip
    return failed, a_message(failed.booking, fallback_of_id=failed.id, **stand_in)


@pytest.mark.parametrize(
    ("status", "says"),
    [(MessageStatus.WAITING, "Goes out"), (MessageStatus.DELIVERED, "Sent"), (MessageStatus.FAILED, "Tried")],
)
def test_a_stand_in_says_for_what_and_why(front_desk: Any, status: MessageStatus, says: str) -> None:
    failed, other = fell_back(status=status)

    page = plain(front_desk.get(f"/messages/{other.id}").text)

    assert f"{says} by SMS because WhatsApp failed: {explain(ChannelName.WHATSAPP, '63003').text}" in page
    assert f'href="/messages/{failed.id}"' in front_desk.get(f"/messages/{other.id}").text


def test_a_failure_leads_to_what_stands_in_for_it(front_desk: Any) -> None:
    failed, other = fell_back()

    page = front_desk.get(f"/messages/{failed.id}").text

    assert "The guest is told by SMS instead." in plain(page) and f'href="/messages/{other.id}"' in page
    assert "Resolved by" not in page and "Fix and send again" not in page


def test_a_failure_that_arrived_after_all_says_that_the_guest_has_both(front_desk: Any) -> None:
    failed, _ = fell_back(MessageStatus.DELIVERED)

    assert "It arrived after all, when the guest was told by SMS already." in plain(
        front_desk.get(f"/messages/{failed.id}").text
    )


def test_a_booking_shows_both_with_their_links(front_desk: Any) -> None:
    failed, _ = fell_back(status=MessageStatus.DELIVERED)

    page = front_desk.get(f"/bookings/{failed.reference}").text

    assert "Sent by SMS because WhatsApp failed" in plain(page) and "The guest is told by SMS instead." in plain(page)


@pytest.mark.usefixtures("answers_stay")
def test_the_board_shows_it_without_a_question_for_each_row(manager: Any) -> None:
    fell_back(status=MessageStatus.DELIVERED)
    manager.get("/messages?view=messages")  # What is kept for a moment is kept now.
    with statements() as few:
        manager.get("/messages?view=messages")
    for _ in range(5):
        fell_back(status=MessageStatus.DELIVERED)

    with statements() as many:
        page = plain(manager.get("/messages?view=messages").text)

    assert page.count("Sent by SMS because WhatsApp failed") == page.count("The guest is told by SMS instead") == 6
    assert len(many) == len(few)


def test_when_a_receipt_is_asked_for_is_told(front_desk: Any) -> None:
    message = a_message(status=MessageStatus.SENT, sent_at=now())
    an_attempt(message, next_ask_at=later(60))

    assert "unless it comes before" in front_desk.get(f"/messages/{message.id}").text


def plain(page: str) -> str:
    """What is read of a page, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]+>", "", page)).split())
