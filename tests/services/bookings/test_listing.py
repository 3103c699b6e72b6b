"""The list of bookings: what it finds, in which order, page by page; on both databases."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text

from tests.factories import a_booking, a_payment
from webapp.extensions import db
from webapp.models import BookingStatus, PaymentState
from webapp.services import search
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import filters as booking_filters
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import Filters
from webapp.services.bookings.listing import PAGE, Cursor

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def found(status: str = "", q: str = "") -> list[str]:
    return [booking.reference for booking, _ in booking_list.page(Filters(status, q)).rows]


@pytest.mark.parametrize("q", ["bk-7f", "BK-7F", "amélie", "AMÉLIE D", "Amelie@Guests", "0184", "900 184",
                               "07700 900184", "+44 7700 900184", "(0)7700-900184", "0044 7700 900184",
                               "447700900184", "+44 (0)7700 900184", "Dubois"])  # fmt: skip
def test_a_booking_is_found_by_what_a_guest_says(q: str) -> None:
    a_booking(reference="BK-7FA", name="Amélie Dubois", email="amelie@guests.example", phone="+447700900184")
    a_booking(reference="BX-1", name="Zoë Bk", email="zoe@guests.example", phone="+447700900185")

    assert found(q=q) == ["BK-7FA"]


@pytest.mark.parametrize("q", ["%", "_", "BK%7", "ubois", "guests.example", "\\", "00 44 99", "'; --"])
def test_a_search_is_by_prefix_and_its_signs_are_text(q: str) -> None:
    a_booking(reference="BK-17", name="Amélie Dubois", phone="+447700900184")

    assert found(q=q) == []


def test_odd_input_asks_for_nothing() -> None:
    assert Filters.read({"status": "everything", "q": " \0 \n ", "sort": "luck"}) == Filters()
    assert len(Filters.read({"q": "x" * 5000}).q) == booking_filters.LONGEST_SEARCH


def test_each_chip_shows_as_many_as_it_says() -> None:
    bookings = [a_booking(status) for status in BookingStatus]
    a_payment(bookings[0])
    a_payment(bookings[0], reference="twice")
    a_payment(bookings[1], PaymentState.VERIFIED)

    counts = booking_counts.counts_for(Filters())

    assert counts == {name: len(found(name)) for name in booking_filters.LABELS}
    assert counts[""] == len(BookingStatus)
    assert counts["to_verify"] == 1


def test_the_chips_of_a_search_count_what_it_finds() -> None:
    a_payment(a_booking(name="Amelia"))
    a_payment(a_booking(name="Bruno"))

    assert booking_counts.counts_for(Filters(q="ame")) == booking_counts.counts_for(Filters()) | {
        "": 1,
        "pending": 1,
        "to_verify": 1,
    }


def test_work_comes_by_its_start_with_the_overdue_first() -> None:
    for days in (3, -2, 1):
        a_payment(a_booking(reference=f"IN{days}", starts_in=timedelta(days=days)))

    assert found("pending") == found("to_verify") == ["IN-2", "IN1", "IN3"]


def test_other_lists_have_what_is_to_come_soonest_first_and_then_the_past() -> None:
    for days in (-9, 3, -2, 1):
        a_booking(BookingStatus.CONFIRMED, reference=f"IN{days}", starts_in=timedelta(days=days))

    assert found() == found("confirmed") == ["IN1", "IN3", "IN-2", "IN-9"]


@pytest.mark.parametrize("status", ["", "pending"])
def test_pages_meet_without_a_gap_or_a_repeat_and_lead_back(status: str) -> None:
    for number in range(2 * PAGE + 3):
        a_booking(reference=f"B{number}", starts_in=timedelta(days=number % 7 - 3, seconds=1))
    filters = Filters(status)

    first = booking_list.page(filters)
    second = booking_list.page(filters, after=first.next)
    third = booking_list.page(filters, after=second.next)
    back = booking_list.page(filters, before=third.previous)

    assert len({b.id for page in (first, second, third) for b, _ in page.rows}) == 2 * PAGE + 3
    assert (first.previous, third.next) == (None, None)
    assert [b.id for b, _ in back.rows] == [b.id for b, _ in second.rows]
    assert booking_list.page(filters, before=back.previous).rows == first.rows


def test_a_booking_that_comes_meanwhile_shifts_no_page() -> None:
    for number in range(PAGE + 2):
        a_booking(reference=f"B{number}", starts_in=timedelta(days=1 + number))
    first = booking_list.page(Filters())

    a_booking(reference="NEW", starts_in=timedelta(hours=30))

    after = booking_list.page(Filters(), after=first.next)
    assert [b.reference for b, _ in after.rows] == [f"B{PAGE}", f"B{PAGE + 1}"]


@pytest.mark.parametrize(
    "text_", ["", "0", "0.x.1", "2.0.1", "0.99999999999999999.1", "1.-99999999999999999.9", "0.1.1.1"]
)
def test_a_place_that_nobody_gave_is_survived(text_: str) -> None:
    a_booking(reference="B1")

    booking_list.page(Filters(), after=Cursor.read(text_), before=Cursor.read(text_))


def test_what_came_since_is_counted_for_this_list() -> None:
    a_booking()
    seen = booking_list.newest_id()
    a_booking()
    a_booking(BookingStatus.DECLINED)

    assert booking_list.newer(Filters(), seen) == 2
    assert booking_list.newer(Filters("pending"), seen) == 1


def test_a_search_reads_indexes_and_no_whole_table(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return  # A small table is read whole there, index or not.
    statement = search.among("amelia")[0].compile(db.engine, compile_kwargs={"literal_binds": True})

    plan = db.session.execute(text(f"EXPLAIN QUERY PLAN SELECT * FROM booking WHERE {statement}")).all()

    assert [step for *_, step in plan if step.startswith("SCAN booking")] == []


def test_the_counts_of_all_are_shared_for_a_second_or_until_something_is_changed() -> None:
    a_booking()
    before = booking_counts.totals()
    a_booking()

    assert booking_counts.totals() == before
    booking_counts.forget()
    assert booking_counts.totals()["pending"] == before["pending"] + 1
