"""What a list of bookings can be narrowed to and sorted by; on both databases."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import a_booking, a_message, a_payment, a_reply
from webapp.database import writing
from webapp.models import Booking, BookingStatus, MessageStatus
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import filters as booking_filters
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import SORTS, TURNED, UNREADABLE, Filters
from webapp.services.bookings.listing import PAGE

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def found(**asked: str) -> list[str]:
    return [booking.reference for booking, _ in booking_list.page(Filters.read(asked)).rows]


def starting(moment: datetime, reference: str) -> Booking:
    booking = a_booking(reference=reference)
    with writing():
        booking.starts_at = moment
    return booking


@pytest.mark.settings(timezone="America/New_York")
def test_days_are_those_of_the_business_and_the_last_one_is_whole() -> None:
    for reference, moment in {
        "EVE": datetime(2030, 1, 5, 4, 59, tzinfo=UTC),
        "FIRST": datetime(2030, 1, 5, 5, 0, tzinfo=UTC),
        "LAST": datetime(2030, 1, 7, 4, 59, tzinfo=UTC),
        "AFTER": datetime(2030, 1, 7, 5, 0, tzinfo=UTC),
    }.items():
        starting(moment, reference)

    assert found(**{"from": "2030-01-05", "to": "2030-01-06"}) == ["FIRST", "LAST"]
    assert found(**{"from": "2030-01-07"}) == ["AFTER"]
    assert found(to="2030-01-04") == ["EVE"]


@pytest.mark.parametrize(
    ("asked", "errors"),
    [
        ({"from": "next week"}, {"from": UNREADABLE}),
        ({"to": "2030-02-30"}, {"to": UNREADABLE}),
        ({"from": "0001-01-01", "to": "9999-12-31"}, {"from": UNREADABLE, "to": UNREADABLE}),
        ({"from": "2030-01-06", "to": "2030-01-05"}, {"to": TURNED}),
        ({"from": "2030-01-05", "to": "2030-01-05"}, {}),
    ],
)
def test_days_that_cannot_be_meant_find_nothing_and_are_kept_as_typed(
    asked: dict[str, str], errors: dict[str, str]
) -> None:
    a_booking(starts_in=timedelta(days=1))

    filters = Filters.read(asked)

    assert filters.errors == errors
    assert filters.query() == asked
    assert found(**asked) == []
    assert not any(booking_counts.counts_for(filters).values())


def test_a_service_is_found_by_its_whole_name() -> None:
    a_booking(reference="WALK", service="Old town walk")
    a_booking(service="Old town")

    assert found(service="Old town walk") == ["WALK"]
    assert booking_counts.counts_for(Filters(service="Old town walk"))["pending"] == 1


def test_services_are_those_that_bookings_name() -> None:
    for service in ("Kayak", "Cruise", "Kayak"):
        a_booking(service=service)
    booking_counts._offered.forget()

    assert booking_counts.services() == ["Cruise", "Kayak"]


def test_guests_not_reached_and_unread_replies_are_lists() -> None:
    failed, replied, fine = (a_booking(BookingStatus.CONFIRMED, reference=name) for name in ("FAILED", "REPLIED", "F"))
    for _ in range(2):
        a_message(failed, status=MessageStatus.FAILED)
        a_reply(replied)
    a_message(fine, status=MessageStatus.FAILED, resolved_at=datetime.now(UTC))
    a_reply(fine, handled_at=datetime.now(UTC))
    a_reply(None)

    assert (found(status="not_reached"), found(status="replied")) == (["FAILED"], ["REPLIED"])


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", ["IN1", "IN3", "IN-2", "IN-9"]),
        ("start", ["IN-9", "IN-2", "IN1", "IN3"]),
        ("start_last", ["IN3", "IN1", "IN-2", "IN-9"]),
        ("newest", ["IN1", "IN-2", "IN3", "IN-9"]),
    ],
)
@pytest.mark.parametrize("status", ["", "confirmed"])
def test_a_list_comes_in_the_order_asked_for(sort: str, order: list[str], status: str) -> None:
    for days in (-9, 3, -2, 1):
        a_booking(BookingStatus.CONFIRMED, reference=f"IN{days}", starts_in=timedelta(days=days))

    assert found(sort=sort, status=status) == order


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("status", ["", "pending", "to_verify"])
def test_pages_meet_in_every_order_and_batches_are_the_same_list(sort: str, status: str) -> None:
    for number in range(2 * PAGE + 3):
        a_payment(a_booking(starts_in=timedelta(days=number % 7 - 3, seconds=1)))
    filters = Filters(status, service="Harbour cruise", sort=sort)

    first = booking_list.page(filters)
    second = booking_list.page(filters, after=first.next)
    third = booking_list.page(filters, after=second.next)
    back = booking_list.page(filters, before=third.previous)

    ids = [booking.id for page in (first, second, third) for booking, _ in page.rows]
    assert len(set(ids)) == 2 * PAGE + 3
    assert [b.id for b, _ in back.rows] == ids[PAGE : 2 * PAGE]
    assert [b.id for batch in booking_list.batches(filters, 10) for b in batch] == ids


def test_each_chip_counts_what_its_list_shows_beside_all_else_that_is_asked() -> None:
    day = booking_filters.today().date() + timedelta(days=7)
    for status in BookingStatus:
        a_payment(a_booking(status))
        a_payment(a_booking(status, service="Kayak"))
        a_booking(status, starts_in=timedelta(days=30), service="Kayak")
    asked = {"from": str(day - timedelta(days=1)), "to": str(day + timedelta(days=1)), "service": "Kayak"}

    counts = booking_counts.counts_for(Filters.read(asked))

    assert counts == {name: len(found(status=name, **asked)) for name in booking_filters.LABELS}
    assert (counts[""], counts["to_verify"], counts["pending"]) == (6, 6, 1)


def test_what_came_since_is_counted_for_the_list_as_it_is_narrowed() -> None:
    seen = a_booking(service="Kayak").id
    a_booking(service="Kayak", starts_in=timedelta(days=2))
    a_booking(service="Kayak", starts_in=timedelta(days=20))
    a_booking(service="Cruise", starts_in=timedelta(days=2))
    soon = str(booking_filters.today().date() + timedelta(days=9))

    assert booking_list.newer(Filters(service="Kayak"), seen) == 2
    assert booking_list.newer(Filters(service="Kayak", last=soon), seen) == 1
