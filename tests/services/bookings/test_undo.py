"""Undo is whole or not at all."""

from datetime import timedelta
from typing import Any

import pytest

from tests.factories import a_booking, a_message, a_payment
from tests.services.delivery.test_draining import fresh
from tests.support.scripted import Post
from webapp.errors import Conflict, NotFound, Outrun
from webapp.models import BookingStatus, ChannelName, Event, MessageStatus, PaymentState
from webapp.services import audit, bookings, payments
from webapp.services.audit import Actor
from webapp.services.bookings import undo
from webapp.services.delivery import claim

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
DESK = Actor("Rosa Silva", may_undo=True)


def test_a_confirmation_of_a_page_is_held_for_the_time_of_undo(bells: list[int]) -> None:
    booking = a_booking()

    bookings.confirm(booking, by=DESK)

    assert bells == [] and claim.due_lanes(10) == []
    assert {m.status for m in booking.messages} == {MessageStatus.WAITING}


def test_undo_restores_the_booking_and_skips_all_its_messages() -> None:
    booking = a_booking()
    act = bookings.confirm(booking, by=DESK)

    undo.undo(booking, act.id, by=DESK)

    assert booking.status is BookingStatus.PENDING
    assert {(m.status, m.error_code) for m in booking.messages} == {(MessageStatus.SKIPPED, "undone")}


@pytest.mark.settings(undo_seconds=0)
def test_once_one_message_was_claimed_undo_does_nothing(post: Post) -> None:
    booking = a_booking()
    act = bookings.confirm(booking, by=DESK)
    claim.claim(booking.guest_id, ChannelName.SMS, worker="one")

    with pytest.raises(Conflict, match="already going out"):
        undo.undo(booking, act.id, by=DESK)

    assert booking.status is BookingStatus.CONFIRMED
    assert MessageStatus.SKIPPED not in {m.status for m in booking.messages}


def test_a_verification_is_taken_back_too() -> None:
    booking = a_booking()
    payment = a_payment(booking)
    act = payments.verify(payment, by=DESK)

    undo.undo(booking, act.id, by=DESK)

    assert payment.status is PaymentState.SUBMITTED


def test_what_somebody_else_did_since_is_not_undone() -> None:
    booking = a_booking()
    act = bookings.confirm(booking, by=DESK)
    bookings.cancel(booking, by=Actor("Martin"))

    with pytest.raises(Outrun, match="Martin cancelled"):
        undo.undo(booking, act.id, by=DESK)


def test_another_bookings_act_is_not_found() -> None:
    act = bookings.confirm(a_booking(), by=DESK)

    with pytest.raises(NotFound):
        undo.undo(a_booking(), act.id, by=DESK)


def test_an_undone_booking_can_be_confirmed_again() -> None:
    booking = a_booking()
    undo.undo(booking, bookings.confirm(booking, by=DESK).id, by=DESK)

    bookings.confirm(booking, by=DESK)

    assert [m.status for m in booking.messages].count(MessageStatus.WAITING) == 3


def test_a_form_that_is_posted_twice_acts_once() -> None:
    booking = a_booking()
    rosa = Actor("Rosa Silva", may_undo=True, form_key="one form")

    first = bookings.confirm(booking, by=rosa, expected_version=1)
    second = bookings.confirm(booking, by=rosa, expected_version=1)

    assert first.id == second.id and len(booking.messages) == 3


def test_of_two_clerks_the_second_is_told_who_was_first() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=DESK, expected_version=1)

    with pytest.raises(Outrun, match="Rosa Silva confirmed this booking just before you"):
        bookings.decline(booking, by=Actor("Martin"), expected_version=1)

    assert audit.last_of(booking.id).actor == "Rosa Silva"


def test_undoing_a_refusal_brings_back_what_it_had_made_void(bells: list[int]) -> None:
    booking = a_booking()
    waiting = a_message(booking, event=Event.BOOKING_CHANGED)
    gone = a_message(booking, event=Event.BOOKING_CHANGED, status=MessageStatus.SKIPPED, error_code="superseded")
    act = bookings.decline(booking, by=DESK)

    assert fresh(waiting).error_code == "superseded"
    assert undo.undo(booking, act.id, by=DESK) == 1

    assert (fresh(waiting).status, fresh(waiting).error_code) == (MessageStatus.WAITING, "")
    assert fresh(gone).status is MessageStatus.SKIPPED and bells == [booking.guest_id]


@pytest.mark.parametrize("step", [bookings.complete, bookings.mark_no_show])
def test_whether_the_guest_came_tells_nobody_and_can_be_taken_back(step: Any, bells: list[int]) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, starts_in=timedelta(minutes=-1))

    act = step(booking, by=DESK, expected_version=1)
    assert booking.status in (BookingStatus.COMPLETED, BookingStatus.NO_SHOW)
    undo.undo(booking, act.id, by=DESK)

    assert booking.status is BookingStatus.CONFIRMED and booking.messages == [] and bells == []


@pytest.mark.parametrize("step", [bookings.complete, bookings.mark_no_show])
def test_whether_the_guest_came_is_not_known_before_the_start(step: Any) -> None:
    with pytest.raises(Conflict, match="has not started yet"):
        step(a_booking(BookingStatus.CONFIRMED), by=DESK)


@pytest.mark.parametrize("step", [bookings.complete, bookings.mark_no_show])
def test_only_a_confirmed_guest_can_come_or_stay_away(step: Any) -> None:
    with pytest.raises(Outrun, match="It is now pending"):
        step(a_booking(starts_in=timedelta(minutes=-1)), by=DESK)
