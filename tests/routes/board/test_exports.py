"""Lists as files."""

import csv
import io

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_payment
from webapp.extensions import db
from webapp.models import Action, Audit, BookingStatus
from webapp.services.bookings import export as booking_export


def rows_of(answer: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.decode("utf-8-sig"))))


def test_the_file_has_what_the_list_shows_and_no_more(manager: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name="Zoë", phone="+447700900184", service="Old town walk")
    a_payment(booking)
    a_booking(service="Old town walk")
    a_booking(BookingStatus.CONFIRMED)

    answer = manager.act("/bookings/export?status=confirmed&service=Old+town+walk", htmx=False)
    (row,) = rows_of(answer.data)

    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert "attachment; filename=" in answer.headers["Content-Disposition"]
    assert (row["Reference"], row["Name"], row["Phone"]) == (booking.reference, "Zoë", "+447700900184")
    assert (row["Booking"], row["Payment"], row["Amount"]) == ("Confirmed", "To verify", "120.00")


def test_every_page_of_the_list_is_in_it_once(manager: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(booking_export, "BATCH", 3)
    references = {a_booking().reference for _ in range(10)}

    found = [row["Reference"] for row in rows_of(manager.act("/bookings/export", htmx=False).data)]

    assert len(found) == 10
    assert set(found) == references


def test_who_took_what_is_written_down_each_time(manager: Browser) -> None:
    for _ in range(2):
        manager.act("/bookings/export?q=ann", htmx=False)

    db.session.rollback()
    first, again = db.session.query(Audit).filter_by(action=Action.BOOKINGS_EXPORTED).all()

    assert first.actor == again.actor == "Rosa Silva"
    assert first.detail == {"filters": {"q": "ann"}}


def test_the_front_desk_is_not_offered_it(front_desk: Browser, manager: Browser) -> None:
    assert "/bookings/export" not in front_desk.get("/bookings").text
    assert 'action="/bookings/export?status=pending"' in manager.get("/bookings?status=pending").text


def test_a_formula_in_a_name_is_text_in_the_file(manager: Browser) -> None:
    a_booking(name="=HYPERLINK(1)")

    (row,) = rows_of(manager.act("/bookings/export", htmx=False).data)

    assert row["Name"] == "'=HYPERLINK(1)"
