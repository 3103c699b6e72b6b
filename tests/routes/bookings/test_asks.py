"""Before an act that hurts one sees who is told, on what, and the text as the guest will read it."""

from html import unescape

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_message, a_payment
from tests.routes.bookings.test_acts import now_of
from tests.support.forms import fields_of, offers, words_of
from webapp.models import BookingStatus, ChannelName, Event, MessageStatus, PaymentState
from webapp.services import bookings
from webapp.services.audit import Actor


def asked(browser: Browser, url: str) -> str:
    """The dialog of an act, as one line of words."""
    return words_of(browser.get(f"{url}/dialog", headers={"HX-Request": "true"}).text)


@pytest.mark.parametrize(
    ("noun", "question", "does", "keeps", "reads"),
    [
        ("refusal", "Decline BK-7?", "Decline BK-7", "Keep the booking", "sorry, we cannot accept your booking BK-7"),
        ("cancellation", "Cancel BK-7?", "Cancel BK-7", "Keep the booking", "booking BK-7"),
    ],
)
def test_a_dialog_says_who_is_told_and_what_they_read(
    front_desk: Browser, noun: str, question: str, does: str, keeps: str, reads: str
) -> None:
    booking = a_booking(reference="BK-7")

    said = asked(front_desk, f"/bookings/BK-7/{noun}")

    assert all(part in said for part in (question, does, keeps, reads, booking.phone or ""))
    assert "Amelia Hart gets 3 messages" in said and "in 8 seconds. You can undo until then." in said
    assert "The guest will see this (not in WhatsApp)." in said


def test_the_texts_follow_the_reason_and_are_those_that_go_out(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    url = "/bookings/BK-7/refusal"

    texts = front_desk.get(f"{url}/texts", query_string={"reason": "The boat is full"}).text
    front_desk.act(url, **fields_of(front_desk.get(url).text, url), reason="The boat is full")

    sms, whatsapp, email = now_of(booking).messages
    assert words_of(texts).count("The boat is full") == 2 and "boat" not in whatsapp.body
    assert all(" ".join(message.body.split()) in words_of(texts) for message in (sms, whatsapp, email))
    assert email.subject in unescape(texts)


def test_asking_changes_nothing(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")

    for more in ("", "/dialog", "/texts?reason=Storm"):
        assert front_desk.get(f"/bookings/BK-7/refusal{more}").status_code == 200

    assert now_of(booking).version == 1 and booking.messages == []


@pytest.mark.parametrize(
    ("noun", "state", "needed"),
    [("rejection", PaymentState.SUBMITTED, False), ("reversal", PaymentState.VERIFIED, True)],
)
def test_a_payment_is_asked_about_with_its_sum(manager: Browser, noun: str, state: PaymentState, needed: bool) -> None:
    payment = a_payment(a_booking(BookingStatus.CONFIRMED, reference="BK-7"), state)
    url = f"/payments/{payment.id}/{noun}"

    said, page = asked(manager, url), manager.get(f"{url}?view=payment").text

    assert "the payment of £120.00 for BK-7?" in said and "Keep the payment" in said
    assert ("required" in page.partition("<textarea")[2].partition(">")[0]) == needed
    assert offers(page, url) and fields_of(page, url)["view"] == "payment"


def test_the_front_desk_is_not_asked_about_a_reversal(front_desk: Browser) -> None:
    payment = a_payment(a_booking(), PaymentState.VERIFIED)

    assert front_desk.get(f"/payments/{payment.id}/reversal/dialog").status_code == 403


def test_who_comes_too_late_is_told_so_and_offered_nothing(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    bookings.confirm(booking, by=Actor("Martin Keller"))

    said = asked(front_desk, "/bookings/BK-7/refusal")

    assert "Martin Keller confirmed this booking just before you. It is now confirmed." in said
    assert "Decline BK-7 " not in said.partition("?")[2]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (MessageStatus.WAITING, "Nothing was sent to Amelia Hart , and reopening sends nothing."),
        (MessageStatus.SKIPPED, "Nothing was sent to Amelia Hart , and reopening sends nothing."),
        (MessageStatus.FAILED, "Nothing was sent to Amelia Hart , and reopening sends nothing."),
        (MessageStatus.SENT, "Amelia Hart was told that there is no booking, and hears again when you confirm"),
        (MessageStatus.DELIVERED, "Amelia Hart was told that there is no booking, and hears again when you confirm"),
        (MessageStatus.UNCERTAIN, "Amelia Hart was told that there is no booking, and hears again when you confirm"),
    ],
)
def test_reopening_says_what_the_guest_has_heard(front_desk: Browser, status: MessageStatus, says: str) -> None:
    booking = a_booking(BookingStatus.DECLINED, reference="BK-7")
    a_message(booking, event=Event.BOOKING_DECLINED, status=status)

    assert says in asked(front_desk, "/bookings/BK-7/reopening")


def test_a_declined_booking_is_reopened_and_that_is_undone(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.DECLINED, reference="BK-7")
    url, undo = "/bookings/BK-7/reopening", "/bookings/BK-7/undo"
    assert offers(front_desk.get("/bookings/BK-7").text, url)

    done = front_desk.act(url, **fields_of(front_desk.get(url).text, url))
    reopened = now_of(booking).status
    front_desk.act(undo, **fields_of(done.text, undo))

    assert "BK-7 reopened. No message goes out." in words_of(done.text)
    assert (reopened, now_of(booking).status) == (BookingStatus.PENDING, BookingStatus.DECLINED)


@pytest.mark.settings(whatsapp_provider="off", email_provider="off")
def test_a_reason_that_every_text_says_is_promised_without_an_exception(front_desk: Browser) -> None:
    a_booking(reference="BK-7", channels=[ChannelName.SMS])

    assert "The guest will see this." in asked(front_desk, "/bookings/BK-7/refusal")
