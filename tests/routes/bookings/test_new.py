"""A new booking in one step: saved and confirmed, with a note, at its usual price, and never in the past by mistake."""

from decimal import Decimal
from typing import Any

import pytest

from tests.conftest import Browser
from tests.factories import a_booking
from tests.routes.bookings.test_acts import now_of
from tests.routes.bookings.test_forms import many, new_form
from tests.support.forms import fields_of, words_of
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, MessageStatus, Note

NEW = "/bookings/new"


def taken(front_desk: Browser, **more: Any) -> tuple[Booking, str]:
    """The booking that the form adds, and the page that is shown then."""
    answer = front_desk.act(NEW, htmx=False, **new_form(front_desk, **more))
    assert answer.status_code == 303, answer.text
    page = front_desk.get(answer.headers["Location"]).text
    db.session.rollback()
    return db.session.query(Booking).one(), page


def test_it_is_saved_and_confirmed_at_once_and_the_guest_told_after_the_hold(
    front_desk: Browser, bells: list[int]
) -> None:
    booking, page = taken(front_desk, then="confirm")

    assert "ZOE-1 saved and confirmed. 2 messages go out in 8 s." in words_of(page)
    assert (booking.status, booking.version, bells) == (BookingStatus.CONFIRMED, 2, [])
    assert [message.status for message in booking.messages] == [MessageStatus.WAITING] * 2


def test_undone_the_booking_stays_and_waits_to_be_confirmed(front_desk: Browser) -> None:
    booking, page = taken(front_desk, then="confirm")

    front_desk.act("/bookings/ZOE-1/undo", htmx=False, **fields_of(page, "/bookings/ZOE-1/undo"))

    assert now_of(booking).status is BookingStatus.PENDING
    assert {message.error_code for message in booking.messages} == {"undone"}


def test_a_double_click_confirms_one_booking_once(front_desk: Browser) -> None:
    form = new_form(front_desk, reference="", then="confirm")

    answers = [front_desk.act(NEW, htmx=False, **form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert many() == 1
    assert len(db.session.query(Booking).one().messages) == 2


@pytest.mark.settings(undo_seconds=0)
def test_without_a_hold_the_guest_is_told_at_once(front_desk: Browser, bells: list[int]) -> None:
    booking, _ = taken(front_desk, then="confirm")

    assert bells == [booking.guest_id]


def test_a_note_is_kept_with_it_for_staff(front_desk: Browser) -> None:
    booking, page = taken(front_desk, note="Vegan. Needs a ramp.")

    assert "Vegan. Needs a ramp." in page
    assert [(n.booking_id, n.author) for n in db.session.query(Note)] == [(booking.id, "Rosa Silva")]


def test_a_start_before_today_is_asked_about_once_with_all_that_was_typed(front_desk: Browser) -> None:
    form = new_form(front_desk, starts_at="2025-01-03T18:00", note="A walk-in", then="confirm")

    asked = front_desk.act(NEW, htmx=False, **form)
    saved = many()
    again = form | fields_of(asked.text, NEW)
    other = front_desk.act(NEW, htmx=False, **again | {"starts_at": "2025-01-04T18:00"})
    front_desk.act(NEW, htmx=False, **again)

    assert (asked.status_code, other.status_code, saved) == (422, 422, 0)
    assert "This starts in the past: Friday" in asked.text and "3 January 2025." in asked.text
    assert "A walk-in" in asked.text
    assert "Save anyway" in asked.text and "Save and confirm anyway" in asked.text
    assert many() == 1


@pytest.mark.parametrize(
    ("known", "guests", "says"),
    [
        ([], 2, ""),
        ([(48, 2)], 3, "Usually £24.00 a guest: £72.00 for 3 guests."),
        ([(24, 1), (48, 2), (90, 2)], 1, "Usually £24.00 a guest: £24.00 for 1 guest."),
        ([(300, 2), (300, 4), (300, 3)], 6, "Usually £300.00."),
        ([(100, 3)], 2, ""),
        ([(0, 1)], 2, ""),
    ],
)
def test_the_price_is_proposed_by_what_the_service_costs_lately(
    front_desk: Browser, known: list[tuple[int, int]], guests: int, says: str
) -> None:
    for amount, size in known:
        a_booking(service="Sauna", amount=Decimal(amount), party_size=size)
    a_booking(service="Sauna", amount=Decimal(7), currency="EUR")

    asked = {"service": "Sauna", "party_size": guests, "currency": "gbp"}
    shown = front_desk.get("/bookings/new/price", query_string=asked).text

    assert says in shown
    assert ("Use £" in shown) is bool(says)


@pytest.mark.parametrize("query", ["", "service=Sauna&party_size=x", "service=%00&party_size=99999999999999999999"])
def test_an_odd_question_for_a_price_has_no_answer(front_desk: Browser, query: str) -> None:
    answer = front_desk.get(f"/bookings/new/price?{query}")

    assert (answer.status_code, answer.text.strip()) == (200, "")
