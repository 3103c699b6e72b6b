"""What a row says of a booking: the next step, how far its guest was told, and what can be undone."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.factories import a_booking, a_message, a_payment, a_user
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, ChannelName, Event, MessageStatus, OptOut, PaymentState
from webapp.services import audit, bookings, payments
from webapp.services.bookings import view as booking_view

pytestmark = pytest.mark.usefixtures("app")
SMS, WHATSAPP, EMAIL = ChannelName


def told(*messages: tuple[ChannelName, MessageStatus], **more: object) -> str | None:
    booking = a_booking(BookingStatus.CONFIRMED)
    for channel, status in messages:
        a_message(booking, channel=channel, status=status, **more)
    word = booking_view.shown(bookings.get(booking.reference)).told
    return word and word.label


def test_a_booking_of_which_nobody_was_told_says_so() -> None:
    assert told() is None


def test_one_channel_that_arrived_is_enough_and_an_email_arrives_when_it_is_sent() -> None:
    assert told((SMS, MessageStatus.FAILED), (EMAIL, MessageStatus.SENT)) == "Reached"


def test_sent_is_never_shown_as_reached() -> None:
    assert told((SMS, MessageStatus.SENT)) == "On the way"


def test_a_guest_whom_no_channel_reached_is_what_the_row_says() -> None:
    assert told((SMS, MessageStatus.FAILED), (EMAIL, MessageStatus.FAILED)) == "Not reached"


def test_what_is_tried_again_looks_different_from_what_only_waits() -> None:
    def icon(**more: object) -> str:
        booking = a_booking(BookingStatus.CONFIRMED)
        a_message(booking, **more)
        word = booking_view.shown(bookings.get(booking.reference)).told
        return word.icon if word else ""

    assert (icon(), icon(tries_used=1), icon(status=MessageStatus.SENDING)) == ("hourglass", "refresh", "send")


def test_what_was_taken_back_was_never_told() -> None:
    assert told((SMS, MessageStatus.SKIPPED), error_code="undone") is None


def test_a_guest_who_was_told_nothing_on_purpose_is_shown_so() -> None:
    assert told((SMS, MessageStatus.SKIPPED), error_code="opted_out") == "Not sent"


@pytest.mark.parametrize(("status", "paid", "step", "money_first"), [
    (BookingStatus.PENDING, None, "confirm", "confirm"),
    (BookingStatus.PENDING, PaymentState.SUBMITTED, "confirm", "verify"),
    (BookingStatus.CONFIRMED, PaymentState.SUBMITTED, "verify", "verify"),
    (BookingStatus.CONFIRMED, PaymentState.VERIFIED, "", ""),
    (BookingStatus.CANCELLED, None, "", ""),
])  # fmt: skip
def test_the_next_step_is_the_next_legal_one(
    status: BookingStatus, paid: PaymentState | None, step: str, money_first: str
) -> None:
    booking = a_booking(status)
    if paid:
        a_payment(booking, paid)

    assert booking_view.shown(booking).step == step
    assert booking_view.shown(booking, money_first=True).step == money_first


def test_a_row_is_open_until_its_messages_have_settled() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    message = a_message(booking)
    assert booking_view.shown(booking).is_open

    with writing():
        message.status = MessageStatus.DELIVERED

    assert not booking_view.shown(bookings.get(booking.reference)).is_open


def held(booking: Booking) -> booking_view.Held | None:
    return booking_view.whole(bookings.get(booking.reference)).held


def test_an_act_can_be_taken_back_while_its_messages_wait() -> None:
    booking = a_booking()
    act = bookings.confirm(booking, by=audit.person(a_user()))

    last = held(booking)

    assert last is not None
    assert (last.act.id, last.messages) == (act.id, 3)
    assert 1 <= last.seconds <= 8


def test_nothing_is_held_once_a_message_was_claimed() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=audit.person(a_user()))

    with writing():
        db.session.merge(booking).messages[0].attempts_made = 1

    assert held(booking) is None


def test_only_the_last_act_is_held() -> None:
    booking = a_booking()
    payment = a_payment(booking)
    bookings.confirm(booking, by=audit.person(a_user()))
    act = payments.verify(payment, by=audit.person(a_user()))

    last = held(booking)

    assert last is not None
    assert last.act.id == act.id


def test_an_act_that_told_nobody_is_held_for_a_minute() -> None:
    booking = a_booking(channels=[])
    act = bookings.confirm(booking, by=audit.person(a_user()))
    assert held(booking) is not None

    with writing():
        db.session.merge(act).at -= timedelta(minutes=2)

    assert held(booking) is None


def test_a_cancellation_is_held_like_every_act_that_tells_a_guest() -> None:
    booking = a_booking()
    bookings.cancel(booking, by=audit.person(a_user()))

    found = held(booking)

    assert found and found.messages == 3


def test_the_guest_hears_on_agreed_channels_that_have_an_address_and_no_stop() -> None:
    booking = a_booking(email=None, amount=Decimal(10))
    with writing():
        db.session.add(OptOut(channel=SMS, address=booking.phone, source="21610"))

    assert booking_view.channels_for([booking], Event.BOOKING_CONFIRMED)[booking.id] == [WHATSAPP]
