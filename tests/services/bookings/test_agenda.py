"""What a day at the desk begins with."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from tests.factories import a_booking, a_message, a_payment, a_reply
from webapp.database import writing
from webapp.models import BookingStatus, MessageStatus
from webapp.services.bookings import agenda
from webapp.services.bookings import counts as booking_counts

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def take() -> agenda.Agenda:
    booking_counts.forget()
    return agenda.load()


def confirmed_at(moment: datetime, **given: Any) -> str:
    booking = a_booking(BookingStatus.CONFIRMED, **given)
    with writing():
        booking.starts_at = moment
    return booking.reference


def test_with_nothing_to_do_it_is_done() -> None:
    a_booking(BookingStatus.CONFIRMED)

    assert take().is_done


@pytest.mark.parametrize("kind", ["pending", "to_verify", "not_reached", "replied"])
def test_each_kind_of_work_is_counted(kind: str) -> None:
    booking = a_booking(BookingStatus.PENDING if kind == "pending" else BookingStatus.CONFIRMED)
    if kind == "to_verify":
        a_payment(booking)
    if kind == "not_reached":
        a_message(booking, status=MessageStatus.FAILED)
    if kind == "replied":
        a_reply(booking)

    found = take()

    assert found.counts[kind] == 1
    assert not found.is_done


def test_what_somebody_has_dealt_with_is_no_work() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    a_message(booking, status=MessageStatus.FAILED, resolved_at=datetime.now(UTC))
    a_reply(booking, handled_at=datetime.now(UTC))

    assert take().is_done


def test_the_first_to_confirm_come_soonest_first() -> None:
    for days in (9, 2, 4, 7, 3, 5):
        a_booking(reference=f"IN{days}", starts_in=timedelta(days=days))

    assert [b.reference for b in take().to_confirm] == ["IN2", "IN3", "IN4", "IN5", "IN7"]


@pytest.mark.settings(timezone="Asia/Tokyo")
def test_today_is_the_day_of_the_business() -> None:
    now = datetime.now(UTC)
    noon = now.astimezone(agenda.today().tzinfo).replace(hour=12, minute=0, second=0, microsecond=0)
    first = confirmed_at(noon.replace(hour=0))
    last = confirmed_at(noon.replace(hour=23, minute=59))
    confirmed_at(noon.replace(hour=0) - timedelta(seconds=1))
    confirmed_at(noon.replace(hour=0) + timedelta(days=1))

    found = take()

    assert found.arrivals == 2
    assert [b.reference for b in found.arriving] == [first, last]


def test_only_confirmed_bookings_arrive() -> None:
    with time_machine.travel(datetime(2026, 11, 23, 9, tzinfo=UTC), tick=True):
        a_booking(BookingStatus.CANCELLED, starts_in=timedelta(hours=2))
        a_booking(starts_in=timedelta(hours=2))

        assert take().arrivals == 0


def test_a_reply_of_an_unknown_number_is_shown_too() -> None:
    reply = a_reply(body="Who is this?")

    found = take()

    assert [one.newest.id for one in found.unknown] == [reply.id]
    assert not found.is_done


def test_it_says_when_other_rows_belong_on_the_page() -> None:
    first = a_booking()
    seen = take().seen
    assert take().seen == seen

    with writing():
        first.status = BookingStatus.CONFIRMED

    assert take().seen != seen
