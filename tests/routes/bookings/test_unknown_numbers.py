"""Replies of numbers that no booking has: read in full, answered by phone, put away, and hiding nobody's."""

import pytest
from sqlalchemy import select

from tests.conftest import Browser
from tests.factories import a_booking, a_reply
from tests.support.forms import fields_of
from webapp.extensions import db
from webapp.models import Reply
from webapp.services.bookings import agenda
from webapp.services.guests import replies

STRANGER = "+14155550199"


def waiting() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(Reply.body).where(Reply.handled_at.is_(None)).order_by(Reply.id)))


def test_a_long_reply_is_read_in_full_and_answered_by_phone(front_desk: Browser) -> None:
    reply = a_reply(body="word " * 200 + "<b>end</b>")

    page = front_desk.get(f"/replies/unknown/{reply.id}").text

    assert "&lt;b&gt;end&lt;/b&gt;" in page and f'href="tel:{STRANGER}"' in page
    assert f"/replies/unknown/{reply.id}" in front_desk.get("/").text


@pytest.mark.parametrize("path", ["/", "/replies/unknown"])
def test_a_flood_from_one_number_is_one_entry_and_hides_nobody(front_desk: Browser, path: str) -> None:
    a_reply(body="From another", sender="+4915112345678")
    for number in range(30):
        a_reply(body=f"Flood {number}")
    a_reply(a_booking(name="Amelia Hart"), body="From a guest")

    page = front_desk.get(path).text

    assert "Flood 29" in page and "Flood 28" not in page and "30 replies" in page
    assert "From another" in page and ("From a guest" in page) == (path == "/")


def test_it_is_put_away_up_to_what_was_seen_without_a_script(front_desk: Browser) -> None:
    a_reply(body="one")
    seen = a_reply(body="two")
    url = f"/replies/unknown/{seen.id}/handling"
    fields = fields_of(front_desk.get(f"/replies/unknown/{seen.id}").text, url)
    a_reply(body="three")

    answer = front_desk.act(url, htmx=False, **fields)

    assert answer.headers["Location"].endswith("/replies/unknown") and waiting() == ["three"]
    assert not agenda.load().is_done


@pytest.mark.parametrize(("path", "back"), [("/", "/#main"), ("/replies/unknown", "/replies/unknown")])
def test_it_is_called_and_put_away_where_it_is_listed(front_desk: Browser, path: str, back: str) -> None:
    reply = a_reply(body="Parking?")
    url = f"/replies/unknown/{reply.id}/handling"
    page = front_desk.get(path).text
    assert f'href="tel:{STRANGER}"' in page and f">{STRANGER}</a>" in page

    front_desk.environ_base["HTTP_REFERER"] = f"http://localhost{path}"
    answer = front_desk.act(url, htmx=False, **fields_of(page, url))

    assert answer.headers["Location"] == back and waiting() == []


def test_a_second_clerk_is_told_that_it_is_put_away(front_desk: Browser, manager: Browser) -> None:
    reply = a_reply()
    for browser in (front_desk, manager):
        browser.act(f"/replies/unknown/{reply.id}/handling")

    assert "put this away already" in manager.get("/replies/unknown").text


def test_a_reply_of_a_booking_is_not_among_them(front_desk: Browser) -> None:
    reply = a_reply(a_booking())

    assert front_desk.get(f"/replies/unknown/{reply.id}").status_code == 404
    assert replies.unknown() == []


def test_more_numbers_than_a_page_holds_are_turned_to(front_desk: Browser) -> None:
    for number in range(replies.PAGE + 1):
        a_reply(body=f"Number {number:02}", sender=f"+141555501{number:02}")

    assert "Number 00" not in front_desk.get("/replies/unknown").text
    assert "Number 00" in front_desk.get("/replies/unknown?page=2").text
