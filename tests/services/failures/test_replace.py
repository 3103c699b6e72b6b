"""A failed message sent afresh: a new one, once, to the corrected address or by another channel."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from webapp.database import writing
from webapp.errors import Conflict, Invalid
from webapp.extensions import db
from webapp.models import AttemptOutcome, BookingStatus, ChannelName, Event, Message, MessageStatus, OptOut
from webapp.services import audit, bookings
from webapp.services.audit import Actor
from webapp.services.failures import replace, resolve
from webapp.services.failures.replace import Wanted

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ROSA = Actor("Rosa Silva", may_undo=True, form_key="a form")
RIGHT = "+14155552671"


def a_failure(code: str = "21211", status: BookingStatus = BookingStatus.CONFIRMED, **given: Any) -> Message:
    message = a_message(a_booking(status), status=MessageStatus.FAILED, error_code=code, **given)
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code=code)
    return message


def send(message: Message, channel: str = "sms", phone: str = RIGHT, email: str = "", by: Actor = ROSA) -> Message:
    return sent(message, Wanted(channel, phone, email), by=by, token=message.token or "", expected_version=1)


def sent(message: Message, wanted: Wanted, **given: Any) -> Message:
    """The one message that sending again has made."""
    (act,) = replace.send(message, wanted, **given)
    return db.session.scalars(select(Message).where(Message.act_id == act.id)).one()


def test_a_new_message_goes_to_the_corrected_address_and_the_failure_is_resolved(bells: list[int]) -> None:
    failed = a_failure()

    made = send(failed)

    assert (made.event, made.channel, made.to) == (Event.BOOKING_CONFIRMED, ChannelName.SMS, RIGHT)
    assert made.status is MessageStatus.WAITING and bells == []
    assert made.due_at - made.created_at > timedelta(seconds=7)
    old = fresh(failed)
    assert (old.status, old.resolved_by, old.resolved_note) == (
        MessageStatus.FAILED,
        "Rosa Silva",
        "Resent by SMS.",
    )


def test_the_booking_is_corrected_too_and_the_act_says_so() -> None:
    failed = a_failure()
    before = failed.to

    made = send(failed)

    assert failed.booking and failed.booking.phone == RIGHT and failed.booking.guest_id == made.guest_id
    act = audit.last_of(failed.booking.id)
    assert act and act.message_id == failed.id and act.detail["changes"]["phone"] == [before, RIGHT]


def test_it_can_go_by_another_channel() -> None:
    failed = a_failure()

    made = send(failed, "email", failed.to, "new@guests.example")

    assert (made.channel, made.to, made.mail_id != "") == (ChannelName.EMAIL, "new@guests.example", True)


def test_the_text_is_made_from_the_booking_as_it_is_now_with_the_reason_given_then() -> None:
    booking = a_booking()
    act = bookings.decline(booking, by=Actor("Martin"), reason="The boat is full.")
    failed = next(m for m in booking.messages if m.channel is ChannelName.SMS)
    with writing():
        failed.status, failed.error_code, booking.service = MessageStatus.FAILED, "21211", "Night kayak"

    wanted = Wanted("sms", RIGHT, "")
    made = sent(failed, wanted, by=ROSA, token="", expected_version=act.detail["version"])

    assert "Night kayak" in made.body and "The boat is full." in made.body


def test_the_address_that_was_refused_is_not_tried_again() -> None:
    failed = a_failure()

    with pytest.raises(Invalid) as wrong:
        send(failed, phone=failed.to)

    assert "address that did not work" in wrong.value.fields["phone"]


def test_the_same_address_may_be_tried_where_it_was_not_at_fault() -> None:
    failed = a_failure("tries_used_up")

    assert send(failed, phone=failed.to).to == failed.to


@pytest.mark.parametrize(("channel", "phone", "email", "field"), [
    ("sms", "12", "", "phone"), ("sms", "", "a@guests.example", "phone"), ("email", RIGHT, "", "email"),
    ("email", RIGHT, "a@", "email"), ("pigeon", RIGHT, "", "channel"),
])  # fmt: skip
def test_an_address_that_cannot_be_taken_gets_a_sentence(channel: str, phone: str, email: str, field: str) -> None:
    failed = a_failure()

    with pytest.raises(Invalid) as wrong:
        send(failed, channel, phone, email)

    assert wrong.value.fields.keys() == {field} and fresh(failed).resolved_at is None


def test_an_address_that_asked_for_no_messages_gets_none() -> None:
    with writing():
        db.session.add(OptOut(channel=ChannelName.SMS, address=RIGHT, source="21610"))

    with pytest.raises(Invalid, match="asked for no messages by SMS"):
        send(a_failure())


def test_a_channel_that_the_guest_did_not_agree_to_is_not_offered() -> None:
    failed = a_message(a_booking(channels=[ChannelName.EMAIL]), status=MessageStatus.FAILED)

    assert replace.offered(failed) == [ChannelName.EMAIL]


def test_a_double_click_sends_one() -> None:
    failed = a_failure()

    made = [send(failed), send(failed)]

    assert made[0].id == made[1].id


def test_another_clerk_is_told_who_was_first() -> None:
    failed = a_failure()
    send(failed)

    with pytest.raises(Conflict, match="Rosa Silva has dealt with it already"):
        replace.send(failed, Wanted("sms", "+14155552672", ""), by=Actor("Martin"), token="", expected_version=2)


@pytest.mark.parametrize("status", [MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN])
def test_what_is_on_its_way_is_not_sent_again(status: MessageStatus) -> None:
    with pytest.raises(Conflict, match="wait until it has arrived or failed"):
        send(a_message(status=status))


@pytest.mark.parametrize("status", [MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.SKIPPED])
def test_what_arrived_or_was_skipped_is_sent_again_and_stays_what_it_was(status: MessageStatus) -> None:
    message = a_message(status=status)

    made = send(message)

    assert (made.event, made.to, fresh(message).status) == (message.event, RIGHT, status)


def test_an_address_for_once_leaves_the_booking_as_it_is() -> None:
    failed = a_failure()
    before = failed.to

    made = sent(failed, Wanted("sms", RIGHT, "", keep=False), by=ROSA, token=failed.token or "", expected_version=1)

    assert failed.booking and (made.to, failed.booking.phone) == (RIGHT, before)


def test_an_opt_out_of_the_bookings_address_does_not_hold_for_another() -> None:
    message = a_message(status=MessageStatus.SKIPPED, error_code="opted_out")
    with writing():
        db.session.add(OptOut(channel=ChannelName.SMS, address=message.to, source="21610"))

    made = sent(message, Wanted("sms", RIGHT, "", keep=False), by=ROSA, token="", expected_version=1)

    assert made.status is MessageStatus.WAITING
    with pytest.raises(Invalid, match="asked for no messages by SMS"):
        send(message, phone=message.to)


def test_what_was_dealt_with_is_sent_again_only_by_who_knew() -> None:
    failed = a_failure()
    resolve.resolve(failed, by=Actor("Martin"), token=failed.token or "", how="phone")
    given: dict[str, Any] = {"by": ROSA, "token": failed.token or "", "expected_version": 1}

    with pytest.raises(Conflict, match="Martin has dealt with it already"):
        replace.send(failed, Wanted("sms", RIGHT, ""), **given)

    assert sent(failed, Wanted("sms", RIGHT, "", is_closed=True), **given).to == RIGHT


def test_a_reason_lives_on_however_often_its_news_is_sent_again() -> None:
    booking = a_booking()
    bookings.decline(booking, by=Actor("Martin"), reason="The boat is full.")
    message = next(m for m in booking.messages if m.channel is ChannelName.SMS)
    for number in range(2):
        with writing():
            message.status = MessageStatus.DELIVERED
        by, version = Actor("Rosa Silva", form_key=f"form {number}"), booking.version
        message = sent(message, Wanted("sms", RIGHT, ""), by=by, token=message.token or "", expected_version=version)

    assert "The boat is full." in message.body


def test_only_failures_for_the_same_wrong_address_are_sent_along() -> None:
    failed = a_failure()
    booking = failed.booking
    same = a_message(booking, channel=ChannelName.WHATSAPP, status=MessageStatus.FAILED, error_code="21211")
    a_message(booking, channel=ChannelName.EMAIL, status=MessageStatus.FAILED, error_code="21211")
    a_message(booking, event=Event.BOOKING_CHANGED, status=MessageStatus.FAILED, error_code="tries_used_up")
    a_message(booking, event=Event.BOOKING_DECLINED, status=MessageStatus.FAILED, error_code="21211")

    assert [one.id for one in replace.others(failed)] == [same.id]


def test_a_retry_in_between_is_not_doubled() -> None:
    failed = a_failure()

    with pytest.raises(Conflict, match="in the meantime"):
        replace.send(failed, Wanted("sms", RIGHT, ""), by=ROSA, token="another", expected_version=1)

    assert fresh(failed).resolved_at is None


def test_news_that_is_no_longer_true_is_not_sent() -> None:
    with pytest.raises(Conflict, match="no longer true"):
        send(a_failure(status=BookingStatus.CANCELLED))
