"""The pages of bookings: the list with its filters, rows and polls, and the page of one booking."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import event

from tests.conftest import Browser
from tests.factories import a_booking, a_message, a_payment, an_attempt
from tests.support.forms import offers
from webapp.extensions import db
from webapp.models import BookingStatus, MessageStatus
from webapp.services import bookings
from webapp.services.audit import Actor
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import notes
from webapp.services.bookings.listing import PAGE
from webapp.services.queue import banner

MARKUP = '<b onclick="x()">Ann</b>'


def references(page: str) -> list[str]:
    return re.findall(r'<tr id="booking-([^"]+)"', page)


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that run meanwhile."""
    statements: list[str] = []

    def note(conn: object, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["/", "/bookings", "/bookings/BK-1", "/bookings/BK-1/row", "/bookings/list/work"])
def test_nobody_sees_bookings_without_signing_in(client: FlaskClient, path: str) -> None:
    assert "/login" in client.get(path).headers["Location"]


def test_a_row_says_how_a_booking_stands_and_offers_the_next_step(front_desk: Browser) -> None:
    booking = a_booking(name="Amelia Hart", phone="+447700900184", party_size=4)
    a_payment(booking)

    row = front_desk.get(f"/bookings/{booking.reference}/row").text

    for said in ("Amelia Hart", "£120.00", "4 guests", "To verify", "Pending", "Not yet"):
        assert said in row
    assert 'href="tel:+447700900184">+44 7700 900184</a>' in row
    assert offers(row, f"/bookings/{booking.reference}/confirmation")
    assert not offers(row, f"/payments/{booking.payments[0].id}/verification")


def test_the_list_of_payments_offers_to_verify_first(front_desk: Browser) -> None:
    payment = a_payment(a_booking())

    page = front_desk.get("/bookings?status=to_verify").text

    assert offers(page, f"/payments/{payment.id}/verification")


def test_the_head_says_what_is_left_whatever_is_searched(front_desk: Browser) -> None:
    a_payment(a_booking())
    a_booking()

    page = front_desk.get("/bookings?q=nobody").text

    assert "2 to confirm" in page
    assert "1 with a payment to verify" in page


def test_filters_and_search_stand_in_the_url(front_desk: Browser) -> None:
    a_booking(BookingStatus.CONFIRMED, reference="BK-A", name="Ann Lee")
    a_booking(reference="BK-B", name="Ann Lee")
    a_booking(BookingStatus.CONFIRMED, reference="BK-C")

    page = front_desk.get("/bookings?status=confirmed&q=ann").text

    assert references(page) == ["BK-A"]
    assert 'href="/bookings?status=pending&amp;q=ann"' in page
    assert '<input type="hidden" name="status" value="confirmed">' in page


def test_pages_turn_by_links_and_keep_the_filters(front_desk: Browser) -> None:
    for number in range(PAGE + 1):
        a_booking(starts_in=timedelta(days=number))
    first = front_desk.get("/bookings?status=pending").text

    link = re.search(r'rel="next"\s+href="([^"]+)"', first)
    second = front_desk.get(link.group(1).replace("&amp;", "&")).text if link else ""

    assert len(references(first)) == PAGE
    assert len(references(second)) == 1
    assert 'rel="prev"' in second
    assert "status=pending" in second


def test_an_empty_house_and_an_empty_search_say_so_differently(front_desk: Browser) -> None:
    assert "No bookings yet" in front_desk.get("/bookings").text
    a_booking()

    nothing = front_desk.get("/bookings?q=zzz").text

    assert "No bookings match" in nothing
    assert '<a class="btn" href="/bookings">Clear filters</a>' in nothing


@pytest.mark.parametrize(
    "query", ["status=x", "q=%00%ff", "after=1.2", "after=0.99999999999999999.1&before=9", "q=%F0%9F%98%80"]
)
def test_odd_addresses_show_a_list(front_desk: Browser, query: str) -> None:
    assert front_desk.get(f"/bookings?{query}").status_code == 200


@pytest.mark.usefixtures("answers_stay")
def test_25_rows_cost_as_many_queries_as_5(front_desk: Browser, app: Flask) -> None:
    def busy(many: int) -> int:
        for _ in range(many):
            booking = a_booking(BookingStatus.CONFIRMED)
            a_payment(booking)
            a_message(booking)
        banner.forget()
        booking_counts.forget()
        with counted(app) as statements:
            front_desk.get("/bookings")
        return len(statements)

    front_desk.get("/bookings")  # What is kept is kept now.
    assert busy(5) == busy(20)


def test_a_row_asks_again_until_its_messages_have_settled(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7")
    a_message(booking)
    settled = a_booking(BookingStatus.CONFIRMED)
    a_message(settled, status=MessageStatus.DELIVERED)

    assert 'hx-get="/bookings/BK-7/row?view=row"' in front_desk.get("/bookings/BK-7/row").text
    assert "data-poll" not in front_desk.get(f"/bookings/{settled.reference}/row").text


@pytest.mark.parametrize("part", ["BK-7/row", "BK-7/card", "list/work?seen=1"])
def test_a_poll_that_changes_nothing_answers_304(front_desk: Browser, part: str) -> None:
    a_booking(BookingStatus.CANCELLED, reference="BK-7")
    first = front_desk.get(f"/bookings/{part}", headers={"HX-Request": "true"})

    again = front_desk.get(f"/bookings/{part}", headers={"HX-Request": "true", "If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


def test_new_bookings_wait_to_be_asked_for(front_desk: Browser) -> None:
    seen = a_booking().id
    a_booking()

    part = front_desk.get(f"/bookings/list/work?seen={seen}&status=pending").text

    assert "Show <b>1</b> new" in part
    assert "<tr" not in part


def test_a_booking_page_shows_its_contact_payments_messages_and_history(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, reference="BK-7", phone="+447700900184", email="ann@guests.example")
    payment = a_payment(booking, method="Bank transfer")
    an_attempt(a_message(booking))

    page = front_desk.get("/bookings/BK-7").text

    for said in ("+447700900184", "ann@guests.example", "Bank transfer", "Agreed", "1 attempt"):
        assert said in page
    assert offers(page, "/bookings/BK-7/cancellation")
    assert offers(page, f"/payments/{payment.id}/rejection")
    assert not offers(page, "/bookings/BK-7/confirmation")


def test_cancelling_says_first_how_many_messages_go_out(front_desk: Browser) -> None:
    a_booking(BookingStatus.CONFIRMED, reference="BK-7", name="Ann", email=None)

    page = " ".join(front_desk.get("/bookings/BK-7/cancellation").text.split())

    assert (
        "<bdi>Ann</bdi> gets <strong>2 messages</strong> (SMS and WhatsApp) in 8 seconds. You can undo until then."
        in page
    )


@pytest.mark.parametrize("path", ["/bookings", "/bookings/BK-7"])
def test_markup_in_what_guests_type_is_shown_as_text(front_desk: Browser, path: str) -> None:
    booking = a_booking(reference="BK-7", name=MARKUP, service=MARKUP)
    a_payment(booking, method=MARKUP[:40], reference=MARKUP)

    page = front_desk.get(path).text

    assert "<b onclick" not in page
    assert "&lt;b onclick" in page


@pytest.mark.parametrize("part", ["", "/row", "/card"])
def test_an_unknown_booking_is_a_404(front_desk: Browser, part: str) -> None:
    assert front_desk.get(f"/bookings/BK-404{part}").status_code == 404


def test_days_service_and_order_stand_in_the_url_and_stay_when_pages_turn(front_desk: Browser) -> None:
    for _ in range(PAGE + 1):
        a_booking(service="Kayak tour", starts_in=timedelta(days=2))
    a_booking(service="Old town walk", starts_in=timedelta(days=2))

    page = front_desk.get("/bookings?service=Kayak+tour&sort=newest&from=2020-01-01").text

    assert len(references(page)) == PAGE
    assert re.search(r'rel="next"\s+href="[^"]+from=2020-01-01&amp;service=Kayak\+tour&amp;sort=newest"', page)
    assert '<option value="Kayak tour" selected>' in page
    assert 'href="/bookings?from=2020-01-01&amp;sort=newest"' in page


@pytest.mark.parametrize("day", ["soon", "2030-02-30", "<b>"])
def test_a_day_that_cannot_be_read_is_kept_beside_what_is_wrong_with_it(front_desk: Browser, day: str) -> None:
    page = front_desk.get("/bookings", query_string={"from": day}).text

    assert "Write the day as in 2026-11-23." in page
    assert f'value="{escape(day)}"' in page
    assert "Write the day as in 2026-11-23." in page


def test_paper_holds_more_than_a_page_and_nothing_to_press(front_desk: Browser) -> None:
    for _ in range(PAGE + 1):
        a_booking(name="Ann Lee")

    page = front_desk.get("/bookings/list/sheet?status=pending").text

    assert page.count("Ann Lee") == PAGE + 1
    assert 'action="/bookings' not in page


def test_paper_has_what_a_guide_needs_and_only_who_comes(front_desk: Browser) -> None:
    booking = a_booking(BookingStatus.CONFIRMED, phone="+447700900184", name="Ann Lee")
    a_booking(BookingStatus.CANCELLED, name="Bob Gone")
    notes.add(booking, "Wants the window seat.", by=Actor("Ann"))

    page = front_desk.get("/bookings/list/sheet").text

    for said in ("Ann Lee", "+44 7700 900184", "Wants the window seat.", "☐"):
        assert page.count(said) == 1
    assert "Bob Gone" not in page
    assert "Needs attention first" not in page
    assert "Bob Gone" in front_desk.get("/bookings/list/sheet?status=cancelled").text


def test_a_poll_brings_the_rows_that_others_have_changed(front_desk: Browser) -> None:
    first, other = a_booking(reference="BK-1"), a_booking(reference="BK-2")
    seen = [f"{one.id}.{one.version}" for one in (first, other)]
    asked = {"status": "pending", "seen": other.id, "row": ["", *seen]}
    quiet = front_desk.get("/bookings/list/work", query_string=asked).text

    bookings.confirm(first, by=Actor("Ann"), expected_version=first.version)
    booking_counts.forget()
    news = front_desk.get("/bookings/list/work", query_string=asked).text

    assert '<tr id="booking-' not in quiet
    assert news.count('<tr id="booking-') == news.count('<tr id="booking-BK-1"') == 1
    assert "1 changed" in news
    assert "moved=1" in news
