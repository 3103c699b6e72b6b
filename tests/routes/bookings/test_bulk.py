"""Acts on many bookings: what would be done, doing it with and without a script, and taking it back."""

import re
from html import unescape

import pytest

from tests.conftest import Browser
from tests.factories import a_booking
from tests.support.forms import words_of
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Message
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings.bulk import Ticked

CONFIRM, DECLINE, UNDO = "/bookings/list/confirmations", "/bookings/list/refusals", "/bookings/list/undo"


@pytest.fixture(autouse=True)
def fresh() -> None:
    booking_counts.forget()


def row(booking: Booking) -> str:
    return str(Ticked(booking.id, booking.version))


def rows_of(page: str) -> list[str]:
    return re.findall(r'name="row" value="([^"]+)"', page)


def acts_of(page: str) -> str:
    found = re.search(r'name="acts" value="([^"]+)"', page)
    return found.group(1) if found else ""


def status_of(booking: Booking) -> BookingStatus:
    db.session.rollback()
    return db.session.get_one(Booking, booking.id).status


def test_only_rows_that_can_be_confirmed_can_be_ticked(front_desk: Browser) -> None:
    pending = a_booking()
    a_booking(BookingStatus.CONFIRMED)

    page = front_desk.get("/bookings").text

    assert re.findall(r'name="ticked"\s+value="([^"]+)"', page) == [row(pending)]


def test_what_would_be_done_is_said_first(front_desk: Browser) -> None:
    several = [a_booking(name="Ann Lee"), a_booking(email=None)]
    query = "&".join(f"ticked={row(booking)}" for booking in several)

    page = front_desk.get(f"/bookings/list/selection/dialog?act=confirm&{query}").text
    said = " ".join(re.sub(r"<[^>]+>", "", page).split())

    assert "Confirm 2 bookings?" in said
    assert "Guests: 2. Messages: 5 (2 SMS, 2 WhatsApp, 1 E-mail)." in said
    assert "They go out in 8 seconds. You can undo until then." in said
    assert sorted(rows_of(page)) == sorted(row(booking) for booking in several)


def test_all_that_match_can_be_chosen_on_a_page_of_its_own(front_desk: Browser) -> None:
    here = a_booking(service="Old town walk")
    a_booking(service="Kayak tour")

    page = front_desk.get("/bookings/list/selection?act=decline&all=1&service=Old+town+walk").text

    assert "<h1>Decline 1 booking?</h1>" in page
    assert rows_of(page) == [row(here)]
    assert 'href="/bookings?service=Old+town+walk"' in page


@pytest.mark.parametrize("act", ["confirm", "decline"])
def test_with_nothing_to_do_no_button_is_offered(front_desk: Browser, act: str) -> None:
    page = front_desk.get(f"/bookings/list/selection?act={act}").text

    assert f"Only a pending booking can be {act}" in page
    assert "autofocus" not in page


@pytest.mark.parametrize(
    ("url", "status", "word"),
    [(CONFIRM, BookingStatus.CONFIRMED, "confirmed"), (DECLINE, BookingStatus.DECLINED, "declined")],
)
def test_ticked_rows_answer_with_themselves_and_one_toast(
    front_desk: Browser, url: str, status: BookingStatus, word: str
) -> None:
    several = [a_booking() for _ in range(3)]

    answer = front_desk.act(url, row=[row(booking) for booking in several], view="row", reason="")

    assert answer.text.count('hx-swap-oob="morph"') == 3
    assert f"3 bookings {word}. 9 messages go out in 8 s." in words_of(answer.text)
    assert "<dialog" not in answer.text
    assert {status_of(booking) for booking in several} == {status}


def test_a_row_that_could_not_be_done_is_told_of_in_a_dialog(front_desk: Browser) -> None:
    lost, done = a_booking(reference="BK-A"), a_booking()
    rows = [row(lost), row(done)]
    front_desk.act(DECLINE, row=rows[0])

    answer = front_desk.act(CONFIRM, row=rows)

    assert "1 booking confirmed. 1 booking failed. 3 messages go out in 8 s." in words_of(answer.text)
    assert "Somebody was first" in answer.text
    assert "BK-A was not changed: Rosa Silva declined this booking just before you." in unescape(answer.text)


def test_without_a_script_a_page_tells_of_each_row(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")

    page = front_desk.act(CONFIRM, htmx=False, row=row(booking), list_status="pending").text

    assert "1 booking confirmed. 3 messages go out in 8 s." in words_of(page.partition("<h1>")[2].partition("</h1>")[0])
    assert 'href="/bookings/BK-7"' in page
    assert 'href="/bookings?status=pending"' in page
    assert acts_of(page)


def test_a_form_sent_twice_does_it_once(front_desk: Browser) -> None:
    booking = a_booking()

    first, again = (front_desk.act(CONFIRM, htmx=False, row=row(booking)).text for _ in range(2))

    assert "1 booking confirmed." in first and "1 booking confirmed." in again
    assert acts_of(first) == acts_of(again)
    db.session.rollback()
    assert db.session.query(Message).count() == 3


@pytest.mark.parametrize("htmx", [True, False])
def test_all_of_it_can_be_taken_back(front_desk: Browser, htmx: bool) -> None:
    several = [a_booking() for _ in range(2)]
    done = front_desk.act(CONFIRM, htmx=htmx, row=[row(booking) for booking in several]).text

    answer = front_desk.act(UNDO, htmx=htmx, acts=acts_of(done))

    assert "2 bookings undone. Nothing was sent." in answer.text
    assert {status_of(booking) for booking in several} == {BookingStatus.PENDING}


@pytest.mark.parametrize("acts", ["", "x", "1,", "9" * 30, "-1"])
def test_odd_undos_are_refused(front_desk: Browser, acts: str) -> None:
    assert front_desk.act(UNDO, acts=acts).status_code == 404


@pytest.mark.parametrize("query", ["", "act=burn", "act=confirm&ticked=x", "act=confirm&ticked=1"])
def test_odd_selections_are_refused_with_a_sentence(front_desk: Browser, query: str) -> None:
    answer = front_desk.get(f"/bookings/list/selection?{query}")

    assert answer.status_code == 422
    assert "Choose whether" in answer.text or "reload the page" in answer.text


def test_looking_at_what_would_be_done_writes_nothing(front_desk: Browser) -> None:
    booking = a_booking()

    front_desk.get(f"/bookings/list/selection/dialog?act=confirm&ticked={row(booking)}")

    assert status_of(booking) is BookingStatus.PENDING
    assert db.session.query(Message).count() == 0
