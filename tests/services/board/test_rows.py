"""A booking's row on the board: its newest news by every channel, and what stands behind them."""

from datetime import timedelta

import pytest

from tests.factories import a_booking, a_message
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services.board import listing
from webapp.services.board import listing as board
from webapp.services.board import rows as board_rows
from webapp.services.board.filters import Filters
from webapp.services.board.rows import BoardRow

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.both_databases]


def rows(filters: Filters | None = None) -> list[BoardRow]:
    return board_rows.of_bookings(board.bookings_page(filters or Filters()).messages)


def told(booking: Booking, event: Event, **statuses: MessageStatus) -> list[Message]:
    """Messages about one event, one for each channel that is named."""
    return [a_message(booking, event=event, channel=ChannelName(c), status=s) for c, s in statuses.items()]


def test_a_row_has_each_channels_newest_message_about_the_newest_event() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    (lost,) = told(booking, Event.BOOKING_CONFIRMED, sms=MessageStatus.FAILED)
    _, mail = told(booking, Event.PAYMENT_VERIFIED, sms=MessageStatus.FAILED, email=MessageStatus.SENT)
    afresh = a_message(booking, event=Event.PAYMENT_VERIFIED)

    (row,) = rows()

    assert row.cells == {ChannelName.SMS: afresh, ChannelName.EMAIL: mail}
    assert (row.message, row.later) == (afresh, None)
    assert row.failed_besides == 1, f"{lost.id} failed, and no other channel brought its news"


def test_bookings_stand_in_the_order_of_their_newest_message() -> None:
    one, two = a_booking(BookingStatus.CONFIRMED), a_booking(BookingStatus.CONFIRMED)
    for booking in (one, two, one):
        a_message(booking)

    assert [row.booking for row in rows()] == [one, two]


def test_a_failed_one_is_shown_though_the_guest_was_told_of_more_since() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    failed, _ = told(booking, Event.BOOKING_CONFIRMED, sms=MessageStatus.FAILED, email=MessageStatus.SENT)
    told(booking, Event.PAYMENT_VERIFIED, sms=MessageStatus.DELIVERED)

    (row,) = rows(Filters(status=MessageStatus.FAILED))

    assert row.cells[ChannelName.SMS] == failed
    assert (row.later, row.failed_besides) == (Event.PAYMENT_VERIFIED, 0)


def test_what_failed_about_another_event_is_counted_until_it_is_resolved() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    (failed,) = told(booking, Event.BOOKING_CONFIRMED, sms=MessageStatus.FAILED)
    told(booking, Event.PAYMENT_VERIFIED, sms=MessageStatus.DELIVERED)
    assert rows()[0].failed_besides == 1

    with writing():
        db.session.get_one(Message, failed.id).resolved_at = now()

    assert rows()[0].failed_besides == 0


def test_a_message_that_stands_in_for_another_has_its_own_cell() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    (failed,) = told(booking, Event.BOOKING_CONFIRMED, whatsapp=MessageStatus.FAILED)
    stands_in = a_message(booking, fallback_of_id=failed.id)

    (row,) = rows()

    assert row.cells == {ChannelName.SMS: stands_in, ChannelName.WHATSAPP: failed}


def test_each_test_message_has_a_row_of_its_own() -> None:
    ids = [a_message(booking_id=None, event=Event.TEST, reference=f"TEST-{n}").id for n in range(2)]

    assert [(row.message.id, row.booking, len(row.cells)) for row in rows()] == [(i, None, 1) for i in ids[::-1]]


def test_pages_stay_what_they_were_while_messages_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BOOKINGS_PAGE", 2)
    bookings = [a_booking(BookingStatus.CONFIRMED) for _ in range(5)]
    for booking in bookings:
        told(booking, Event.BOOKING_CONFIRMED, sms=MessageStatus.SENT, email=MessageStatus.SENT)
    page = board.bookings_page(Filters())
    seen = [message.booking_id for message in page.messages]

    while page.older_than is not None:
        for booking in (bookings[0], a_booking(BookingStatus.CONFIRMED)):
            a_message(booking)
        page = board.bookings_page(Filters(), before=page.older_than, tip=page.tip)
        seen += [message.booking_id for message in page.messages]

    assert seen == [booking.id for booking in bookings[::-1]]
    assert board.newer(Filters(), page.tip) == 3, "a booking that was there, and two that were not"


def test_a_page_leads_back_to_the_one_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "BOOKINGS_PAGE", 2)
    for _ in range(4):
        told(
            a_booking(BookingStatus.CONFIRMED),
            Event.BOOKING_CONFIRMED,
            sms=MessageStatus.SENT,
            email=MessageStatus.SENT,
        )
    first = board.bookings_page(Filters())
    second = board.bookings_page(Filters(), before=first.older_than, tip=first.tip)

    back = board.bookings_page(Filters(), after=second.newer_than, tip=first.tip)

    assert (back.messages, back.newer_than) == (first.messages, None)
    assert back.older_than == first.older_than


def test_a_row_has_another_stamp_once_it_has_changed() -> None:
    message = a_message()
    before = rows()[0].stamp
    same = rows()[0].stamp == before

    with writing():
        db.session.get_one(Message, message.id).status = MessageStatus.SENDING

    assert same
    assert rows()[0].stamp != before


def test_a_row_may_move_until_all_of_it_has_settled() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    told(booking, Event.BOOKING_CONFIRMED, sms=MessageStatus.DELIVERED, email=MessageStatus.SENT)
    settled = rows()[0].is_settled

    a_message(booking, channel=ChannelName.WHATSAPP, due_in=timedelta(minutes=5))

    assert (settled, rows()[0].is_settled) == (True, False)
