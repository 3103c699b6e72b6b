"""The first page of the day."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from tests.conftest import Browser
from tests.factories import a_booking, a_message, a_payment, a_reply
from tests.support.forms import fields_of
from webapp.database import writing
from webapp.extensions import db
from webapp.models import BookingStatus, Event, MessageStatus, User
from webapp.services.bookings import agenda
from webapp.services.bookings import counts as booking_counts


@pytest.fixture(autouse=True)
def fresh() -> None:
    booking_counts.forget()


def test_whoever_signs_in_lands_there(client: FlaskClient, front_desk: Browser) -> None:
    assert "/login" in client.get("/").headers["Location"]
    assert front_desk.get("/login").headers["Location"] == "/"


def test_the_work_that_is_left_is_counted_and_each_number_leads_to_its_list(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    a_payment(booking)
    a_message(booking, event=Event.PAYMENT_VERIFIED, status=MessageStatus.FAILED, error_code="21211")
    a_reply(booking, body="Is there parking?")

    page = front_desk.get("/").text

    for status in ("pending", "not_reached", "replied"):
        assert f'href="/bookings?status={status}"' in page
        assert front_desk.get(f"/bookings?status={status}").text.count('<tr id="booking-BK-7"') == 1
    assert '<a class="card stat info" href="/payments">' in page
    assert "Is there parking?" in page
    assert "This is not a phone number that exists" in page


def test_a_booking_is_confirmed_right_there(front_desk: Browser) -> None:
    a_booking(reference="BK-7")
    url = "/bookings/BK-7/confirmation"

    answer = front_desk.act(url, **fields_of(front_desk.get("/").text, url))

    assert answer.text.lstrip().startswith('<tr id="booking-BK-7"')
    assert "BK-7 confirmed." in answer.text
    assert 'name="ticked"' not in answer.text


def test_without_a_script_an_act_leads_back_to_it(front_desk: Browser) -> None:
    a_booking(reference="BK-7")
    url = "/bookings/BK-7/confirmation"
    fields = fields_of(front_desk.get("/").text, url)

    front_desk.act("/nowhere")  # Fetches the token.
    answer = front_desk.post(
        url, data={"csrf_token": front_desk.csrf_token, **fields}, headers={"Referer": "https://localhost/"}
    )

    assert answer.headers["Location"] == "/#booking-BK-7"


def test_those_who_arrive_today_are_listed(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, name="Mateo Alvarez", party_size=4)
    with writing():
        booking.starts_at = agenda.today() + timedelta(hours=13)

    page = " ".join(front_desk.get("/").text.split())

    assert "13:00</time>" in page
    assert "<bdi>Mateo Alvarez</bdi>" in page
    assert "4 guests" in page


def test_when_all_is_done_it_says_so(front_desk: Browser) -> None:
    assert "All done" in front_desk.get("/").text


def test_a_poll_that_changes_nothing_answers_304(front_desk: Browser) -> None:
    seen = agenda.load().seen
    first = front_desk.get(f"/today/work?seen={seen}", headers={"HX-Request": "true"})

    again = front_desk.get(f"/today/work?seen={seen}", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)


def test_a_poll_moves_no_row_and_says_that_there_are_others(front_desk: Browser) -> None:
    seen = agenda.load().seen
    a_booking()
    booking_counts.forget()

    part = front_desk.get(f"/today/work?seen={seen}").text

    assert "Refresh the list" in part
    assert "<tr" not in part


def test_single_keys_rest_for_whoever_switched_them_off(front_desk: Browser) -> None:
    assert 'data-keys="on"' in front_desk.get("/").text
    with writing():
        db.session.query(User).update({"keys_on": False})

    page = front_desk.get("/").text

    assert 'data-keys="off"' in page
    assert "are off in your account" in page


def test_markup_in_what_guests_write_is_shown_as_text(front_desk: Browser) -> None:
    a_reply(body="<img src=x onerror=alert(1)>")

    page = front_desk.get("/").text

    assert "<img" not in page
    assert "&lt;img src=x" in page
