"""What guests write to our numbers: believed only when signed, kept once, and heeded where it says stop."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from twilio.request_validator import RequestValidator

from tests.factories import a_booking, a_message
from tests.services.delivery.test_draining import fresh
from tests.services.guests.test_consent import stopped
from tests.support.scripted import Post
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus, ChannelName, MessageStatus, OptOut, Reply
from webapp.services import bookings, delivery
from webapp.services.audit import BELLHOP

Write = Callable[..., int]


@pytest.fixture
def write(app: Flask) -> Write:
    """Write to our number as a guest, and say which status Twilio got; `key` signs it."""
    client = app.test_client()

    def post(
        booking: Booking, body: str, *, sid: str = "SM1", key: str = "token", prefix: str = "", **more: str
    ) -> int:
        form = {"MessageSid": sid, "From": f"{prefix}{booking.phone}", "To": "+15550001111", "Body": body, **more}
        signed = RequestValidator(key).compute_signature("https://desk.example/webhooks/twilio/inbound", form)
        with app.app_context():
            answer = client.post("/webhooks/twilio/inbound", data=form, headers={"X-Twilio-Signature": signed})
        db.session.rollback()  # The test's own read began before.
        return answer.status_code

    return post


def replies() -> list[Reply]:
    return list(db.session.scalars(select(Reply).order_by(Reply.id)))


def stops() -> list[tuple[Any, str]]:
    return [(row.channel, row.address) for row in db.session.scalars(select(OptOut))]


def test_a_reply_is_kept_with_the_booking_that_its_sender_was_told_of(write: Write) -> None:
    told = a_booking(phone="+14155550888")
    a_message(told)
    a_booking(phone="+14155550888")

    assert write(told, "We will be late\nby an hour <b>") == 200

    (reply,) = replies()
    assert (reply.booking_id, reply.body, reply.sender) == (told.id, "We will be late\nby an hour <b>", told.phone)
    assert reply.handled_at is None and stops() == []


def test_a_forged_one_changes_nothing(write: Write) -> None:
    assert write(a_booking(), "STOP", key="another") == 403

    assert replies() == [] and stops() == []


def test_a_repeated_one_is_kept_once(write: Write) -> None:
    booking = a_booking()

    assert [write(booking, "Hello") for _ in range(3)] == [200, 200, 200]
    assert len(replies()) == 1


@pytest.mark.parametrize("word", ["STOP", "stop", " Stop. ", "unsubscribe", "QUIT"])
def test_stop_ends_what_goes_to_that_number_on_that_channel(write: Write, word: str) -> None:
    booking = a_booking()

    write(booking, word)

    assert stops() == [(ChannelName.SMS, booking.phone)] and stopped(booking) == {ChannelName.SMS}
    assert replies()[0].handled_by == "Bellhop"
    assert db.session.scalars(select(Audit.action).where(Audit.booking_id == booking.id)).all()[-1] is Action.OPTED_OUT


def test_stop_reaches_what_waits_already(write: Write, post: Post) -> None:
    booking = a_booking()
    bookings.confirm(booking, by=BELLHOP)
    sms, *others = booking.messages

    write(booking, "STOP")
    delivery.drain(booking.guest_id)

    assert (fresh(sms).status, sms.error_code) == (MessageStatus.SKIPPED, "opted_out")
    assert all(fresh(message).status is MessageStatus.SENT for message in others)


def test_start_gives_consent_again(write: Write) -> None:
    booking = a_booking()
    write(booking, "STOP")

    write(booking, "Start", sid="SM2")

    assert stops() == []


def test_cancel_stops_as_twilio_does_and_is_read_by_a_person(write: Write) -> None:
    """To Twilio the word opts out; to a front desk it may mean the booking."""
    booking = a_booking()

    write(booking, "CANCEL")

    assert stops() and replies()[0].handled_at is None


def test_a_sender_with_advanced_opt_out_says_what_was_meant(write: Write) -> None:
    booking = a_booking()

    write(booking, "Arrêt", OptOutType="STOP")

    assert stops()


@pytest.mark.parametrize(("kind", "stopped"), [("STOP", True), ("START", False), ("HELP", True)])
def test_what_a_sender_says_was_meant_counts_more_than_the_words(write: Write, kind: str, stopped: bool) -> None:
    booking = a_booking()
    write(booking, "STOP", prefix="whatsapp:")

    write(booking, "Stop", sid="SM2", prefix="whatsapp:", OptOutType=kind)

    assert stops() == ([(ChannelName.WHATSAPP, booking.phone)] if stopped else [])


def test_start_on_one_channel_leaves_the_stop_on_the_other(write: Write) -> None:
    booking = a_booking()
    for number, prefix in enumerate(("", "whatsapp:")):
        write(booking, "STOP", sid=f"SM{number}", prefix=prefix)

    write(booking, "START", sid="SM9", prefix="whatsapp:")

    assert stops() == [(ChannelName.SMS, booking.phone)]


def test_a_reply_on_whatsapp_is_shown_with_the_booking(write: Write, front_desk: Any) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)

    write(booking, "We come by <boat>", prefix="whatsapp:", ProfileName="Eve", WaId="14155550100")

    page = front_desk.get(f"/bookings/{booking.reference}").text
    assert "We come by &lt;boat&gt;" in page and "WhatsApp" in page
    assert "We come by" in front_desk.get("/").text


def test_while_the_database_is_locked_twilio_is_told_so(write: Write, locked: None) -> None:
    assert write(Booking(phone="+14155550100"), "Hello") == 503


def test_whatsapp_is_a_channel_of_its_own(write: Write) -> None:
    booking = a_booking()

    write(booking, "STOP", prefix="whatsapp:")

    assert stops() == [(ChannelName.WHATSAPP, booking.phone)]
    assert replies()[0].sender == booking.phone


def test_a_stranger_is_kept_without_a_booking(write: Write) -> None:
    write(Booking(phone="+14155559999"), "Who is this?")

    assert replies()[0].booking_id is None


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_what_names_no_message_or_sender_is_answered_and_not_kept(write: Write, missing: str) -> None:
    assert write(a_booking(), "Hello", **{missing: ""}) == 200

    assert replies() == []
