"""What pages ask for every two seconds: only news is sent, and that time has passed is none."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from tests.conftest import Browser
from tests.factories import a_booking, a_message, a_payment, a_reply, an_attempt
from webapp import clock
from webapp.database import read_now, writing
from webapp.models import BookingStatus, MessageStatus
from webapp.services import bookings
from webapp.services.audit import Actor
from webapp.services.bookings import counts, notes

POLLS = ["/bookings/BK-7/card", "/bookings/BK-7/row", "/bookings/list/work?seen=1", "/today/work?seen=1"]
BOARD = [
    "/messages/changes",
    "/messages/news?newest=1",
    "/messages/failures/list",
    "/payments/changes",
    "/messages/figures/now",
]
HTMX = {"HX-Request": "true"}


def poll(browser: Browser, path: str, seen: Any = None) -> Any:
    counts.forget()
    return browser.get(path, headers=HTMX | ({"If-None-Match": seen.headers["ETag"]} if seen else {}))


@pytest.fixture(autouse=True)
def a_busy_booking(app: object) -> None:
    """A booking with an act, a failure, a payment, a reply and a note, of which each tells its age."""
    booking = a_booking(reference="BK-7", starts_in=timedelta(days=30))
    bookings.confirm(booking, by=Actor("Rosa Silva"))
    booking = bookings.get("BK-7")
    with writing():
        for message in booking.messages:
            message.status, message.error_code, message.settled_at = MessageStatus.FAILED, "30003", read_now()
    an_attempt(booking.messages[0])
    a_payment(booking)
    a_reply(booking)
    a_reply()
    a_message(a_booking(BookingStatus.CONFIRMED), status=MessageStatus.DELIVERED)
    notes.add(booking, "They bring a dog.", by=Actor("Rosa Silva"))


@pytest.mark.parametrize("path", POLLS + BOARD)
def test_a_poll_in_which_only_time_has_passed_is_304(manager: Browser, path: str) -> None:
    moment = clock.now()
    with time_machine.travel(moment + timedelta(minutes=1), tick=False):
        first = poll(manager, path)

    with time_machine.travel(moment + timedelta(minutes=3), tick=False):
        again = poll(manager, path, first)

    assert first.status_code == 200
    assert (again.status_code, again.data) == (304, b"")


def test_a_poll_after_a_change_is_sent(front_desk: Browser) -> None:
    first = poll(front_desk, "/bookings/BK-7/card")
    notes.add(bookings.get("BK-7"), "And a cat.", by=Actor("Rosa Silva"))

    again = poll(front_desk, "/bookings/BK-7/card", first)

    assert again.status_code == 200
    assert "And a cat." in again.text


def test_a_poll_is_sent_once_an_age_has_become_a_date(front_desk: Browser) -> None:
    reply = a_reply(bookings.get("BK-7"))
    with writing():
        reply.at = read_now() - timedelta(hours=23, minutes=58)
    first = poll(front_desk, "/bookings/BK-7/card")

    with time_machine.travel(clock.now() + timedelta(minutes=5)):
        again = poll(front_desk, "/bookings/BK-7/card", first)

    assert "24 h ago" in first.text
    assert again.status_code == 200
    assert "24 h ago" not in again.text


def test_a_poll_is_sent_again_in_another_language(front_desk: Browser) -> None:
    first = poll(front_desk, "/bookings/BK-7/row")

    again = front_desk.get(
        "/bookings/BK-7/row", headers=HTMX | {"If-None-Match": first.headers["ETag"], "Accept-Language": "de"}
    )

    assert again.status_code == 200
