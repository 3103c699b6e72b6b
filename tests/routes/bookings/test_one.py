"""The page of a booking: notes, replies, who hears by what, and whether the guest came."""

from datetime import timedelta

import pytest

from tests.conftest import Browser
from tests.factories import a_booking, a_message, a_reply
from tests.routes.bookings.test_acts import form, now_of
from tests.support.forms import fields_of, offers
from webapp.database import writing
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, OptOut


@pytest.mark.parametrize("htmx", [True, False])
def test_a_note_is_written(front_desk: Browser, htmx: bool) -> None:
    booking = a_booking(reference="BK-7")
    url = "/bookings/BK-7/notes"

    answer = front_desk.act(url, htmx=htmx, **form(front_desk, booking, url, text="Wants <b>quiet</b>"))

    page = answer.text if htmx else front_desk.get("/bookings/BK-7").text
    assert answer.status_code == (200 if htmx else 303)
    assert "Wants &lt;b&gt;quiet&lt;/b&gt;" in page and "Note added." in page and "wrote a note" in page


@pytest.mark.parametrize("htmx", [True, False])
def test_a_note_that_cannot_be_taken_stands_in_its_form_again(front_desk: Browser, htmx: bool) -> None:
    booking = a_booking(reference="BK-7")
    url, long = "/bookings/BK-7/notes", "x" * 2001

    answer = front_desk.act(url, htmx=htmx, **form(front_desk, booking, url, text=long))

    assert answer.status_code == 422
    assert long in answer.text and "Keep it within 2,000 characters" in answer.text


def test_a_reply_is_shown_and_dealt_with(front_desk: Browser) -> None:
    reply = a_reply(a_booking(reference="BK-7"), body="We are <i>five</i> now")
    page, url = front_desk.get("/bookings/BK-7").text, f"/replies/{reply.id}/handling"
    assert "We are &lt;i&gt;five&lt;/i&gt; now" in page

    answer = front_desk.act(url, **fields_of(page, url))

    assert "Done by <bdi>Rosa Silva</bdi>" in answer.text and not offers(answer.text, url)


def test_a_second_clerk_is_told_who_dealt_with_a_reply(front_desk: Browser, manager: Browser) -> None:
    reply = a_reply(a_booking(reference="BK-7"))
    url = f"/replies/{reply.id}/handling"
    front_desk.act(url, form_key="first")

    answer = manager.act(url, form_key="second")

    assert answer.status_code == 409 and "Rosa Silva has dealt with this reply already" in answer.text


def test_a_reply_of_nobody_we_know_is_not_found(front_desk: Browser) -> None:
    reply = a_reply(a_booking(), booking_id=None)

    assert front_desk.act(f"/replies/{reply.id}/handling").status_code == 404


def test_an_opt_out_is_shown_with_its_date_and_source(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7", channels=[ChannelName.SMS], email=None)
    with writing():
        db.session.add(OptOut(channel=ChannelName.SMS, address=booking.phone, source="21610"))

    page, asked = (front_desk.get(f"/bookings/BK-7{more}").text for more in ("", "/refusal"))

    assert "Opted out" in page and "code 21610" in page
    assert "No message goes out: <bdi>Amelia Hart</bdi> cannot be reached" in asked


@pytest.mark.settings(whatsapp_provider="off")
def test_a_channel_that_is_switched_off_is_said_so(front_desk: Browser) -> None:
    a_booking(reference="BK-7", email=None)

    page = front_desk.get("/bookings/BK-7").text

    assert "Switched off" in page and "No address" in page


@pytest.mark.parametrize(("noun", "status"), [
    ("completion", BookingStatus.COMPLETED), ("absence", BookingStatus.NO_SHOW),
])  # fmt: skip
@pytest.mark.parametrize("htmx", [True, False])
def test_whether_the_guest_came_is_marked_and_taken_back(
    front_desk: Browser, noun: str, status: BookingStatus, htmx: bool
) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7", starts_in=timedelta(minutes=-5))
    url = f"/bookings/BK-7/{noun}"

    answer = front_desk.act(url, htmx=htmx, **form(front_desk, booking, url))
    said = answer.text if htmx else front_desk.get("/bookings/BK-7").text

    assert "No message goes out." in said and now_of(booking).status is status
    back = front_desk.act("/bookings/BK-7/undo", **form(front_desk, booking, "/bookings/BK-7/undo"))
    assert "Undone" in back.text and now_of(booking).status is BookingStatus.CONFIRMED


@pytest.mark.parametrize("noun", ["completion", "absence"])
def test_before_the_start_it_is_neither_offered_nor_taken(front_desk: Browser, noun: str) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7")
    url = f"/bookings/BK-7/{noun}"

    answer = front_desk.act(url, version=1)

    assert not offers(front_desk.get("/bookings/BK-7").text, url)
    assert answer.status_code == 409 and "has not started yet" in answer.text
    assert now_of(booking).status is BookingStatus.CONFIRMED


def test_the_page_asks_for_itself_in_one_poll(front_desk: Browser) -> None:
    a_message(a_booking(BookingStatus.CONFIRMED, reference="BK-7"))

    assert front_desk.get("/bookings/BK-7").text.count("data-poll\n") == 1
    assert front_desk.get("/bookings/BK-7").text.count('hx-trigger="tick') == 1
