"""Acts on bookings and payments: with and without HTMX, twice, by two people, and taken back."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Browser
from tests.factories import a_booking, a_payment
from tests.support.forms import fields_of, offers, words_of
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, MessageStatus, PaymentState
from webapp.services import audit, bookings
from webapp.services.audit import Actor

ACTS = {
    "confirmation": BookingStatus.CONFIRMED,
    "refusal": BookingStatus.DECLINED,
    "cancellation": BookingStatus.CANCELLED,
}
DECISIONS = {"verification": PaymentState.VERIFIED, "rejection": PaymentState.REJECTED}


def now_of(row: Any) -> Any:
    """The row as the database has it after a request."""
    db.session.rollback()
    return db.session.merge(row)


def form(browser: Browser, booking: Booking, url: str, **more: str) -> dict[str, str]:
    asks = url.endswith(("/refusal", "/cancellation", "/rejection"))  # These show their form on a page of their own.
    return fields_of(browser.get(url if asks else f"/bookings/{booking.reference}").text, url) | more


@pytest.mark.parametrize(("noun", "status"), ACTS.items())
def test_an_act_changes_the_booking_and_answers_with_the_card(
    front_desk: Browser, noun: str, status: BookingStatus
) -> None:
    booking = a_booking()
    url = f"/bookings/{booking.reference}/{noun}"

    answer = front_desk.act(url, **form(front_desk, booking, url, reason="Storm"))

    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<section class="booking stack"')
    assert f"{booking.reference} {status.value}. 3 messages go out" in words_of(answer.text)
    assert now_of(booking).status is status
    assert ("Storm" in booking.messages[0].body) == (noun != "confirmation")


@pytest.mark.parametrize(("noun", "status"), ACTS.items())
def test_an_act_works_without_a_script(front_desk: Browser, noun: str, status: BookingStatus) -> None:
    booking = a_booking(reference="BK-7")
    url = f"/bookings/BK-7/{noun}"

    answer = front_desk.act(url, htmx=False, **form(front_desk, booking, url))
    page = front_desk.get("/bookings/BK-7").text

    assert (answer.status_code, answer.headers["Location"]) == (303, "/bookings/BK-7")
    assert f"BK-7 {status.value}." in page
    assert offers(page, "/bookings/BK-7/undo")
    assert now_of(booking).status is status


@pytest.mark.parametrize(("noun", "state"), DECISIONS.items())
@pytest.mark.parametrize("htmx", [True, False])
def test_a_payment_is_decided(front_desk: Browser, noun: str, state: PaymentState, htmx: bool) -> None:
    payment = a_payment(a_booking(reference="BK-7"))
    url = f"/payments/{payment.id}/{noun}"

    answer = front_desk.act(url, htmx=htmx, **form(front_desk, payment.booking, url, reason="No money came"))

    assert answer.status_code == (200 if htmx else 303)
    said = answer.text if htmx else front_desk.get("/bookings/BK-7").text
    assert f"BK-7: £120.00 {state.value}. 3 messages go out in 8 s." in words_of(said)
    assert now_of(payment).status is state


def test_a_row_answers_with_a_row_and_its_toast_takes_it_back_there(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    fields = fields_of(front_desk.get("/bookings").text, "/bookings/BK-7/confirmation")

    row = front_desk.act("/bookings/BK-7/confirmation", **fields).text
    back = front_desk.act("/bookings/BK-7/undo", **fields_of(row, "/bookings/BK-7/undo")).text

    assert row.lstrip().startswith('<tr id="booking-BK-7"')
    assert 'hx-target="#booking-BK-7"' in row
    assert back.lstrip().startswith('<tr id="booking-BK-7"')
    assert "Undone. Nothing was sent." in back
    assert now_of(booking).status is BookingStatus.PENDING
    assert {m.status for m in booking.messages} == {MessageStatus.SKIPPED}


def test_a_plain_form_in_the_list_leads_back_to_its_row_as_filtered(front_desk: Browser) -> None:
    a_booking(reference="BK-7")
    fields = fields_of(front_desk.get("/bookings?status=pending").text, "/bookings/BK-7/confirmation")
    front_desk.environ_base["HTTP_REFERER"] = "http://localhost/bookings?status=pending"

    answer = front_desk.act("/bookings/BK-7/confirmation", htmx=False, **fields)

    assert answer.headers["Location"] == "/bookings?status=pending#booking-BK-7"


def test_a_plain_form_leads_to_no_other_house(front_desk: Browser) -> None:
    a_booking(reference="BK-7")
    fields = fields_of(front_desk.get("/bookings").text, "/bookings/BK-7/confirmation")
    front_desk.environ_base["HTTP_REFERER"] = "http://evil.example/bookings?q=1"

    answer = front_desk.act("/bookings/BK-7/confirmation", htmx=False, **fields)

    assert answer.headers["Location"] == "/bookings/BK-7"


@pytest.mark.parametrize("htmx", [True, False])
def test_an_act_without_a_script_can_be_taken_back(front_desk: Browser, htmx: bool) -> None:
    booking = a_booking(reference="BK-7")
    url = "/bookings/BK-7/refusal"
    front_desk.act(url, htmx=False, **form(front_desk, booking, url))

    undo = form(front_desk, booking, "/bookings/BK-7/undo")
    answer = front_desk.act("/bookings/BK-7/undo", htmx=htmx, **undo)

    assert answer.status_code == (200 if htmx else 303)
    assert now_of(booking).status is BookingStatus.PENDING
    assert "undid the refusal" in front_desk.get("/bookings/BK-7").text


@pytest.mark.parametrize("noun", ["confirmation", "refusal", "cancellation"])
def test_a_double_click_is_one_act_and_both_see_it_done(front_desk: Browser, noun: str) -> None:
    booking = a_booking()
    url = f"/bookings/{booking.reference}/{noun}"
    fields = form(front_desk, booking, url)

    answers = [front_desk.act(url, **fields) for _ in range(2)]

    assert [a.status_code for a in answers] == [200, 200]
    assert all("3 messages go out" in a.text for a in answers)
    assert len(now_of(booking).messages) == 3


def test_a_double_undo_is_one_undo(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    confirmation = "/bookings/BK-7/confirmation"
    front_desk.act(confirmation, **form(front_desk, booking, confirmation))
    fields = form(front_desk, booking, "/bookings/BK-7/undo")

    answers = [front_desk.act("/bookings/BK-7/undo", **fields) for _ in range(2)]

    assert all("Undone" in a.text for a in answers)
    assert now_of(booking).version == 3


def test_an_old_form_does_nothing_once_its_act_was_taken_back(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    url = "/bookings/BK-7/confirmation"
    old = form(front_desk, booking, url)
    front_desk.act(url, **old)
    front_desk.act("/bookings/BK-7/undo", **form(front_desk, booking, "/bookings/BK-7/undo"))

    answer = front_desk.act(url, **old)

    assert "done already" in answer.text
    assert now_of(booking).status is BookingStatus.PENDING


def test_the_second_of_two_clerks_sees_who_was_first_and_how_it_stands(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    fields = fields_of(front_desk.get("/bookings").text, "/bookings/BK-7/confirmation")
    bookings.decline(booking, by=Actor("Martin Keller"))

    answer = front_desk.act("/bookings/BK-7/confirmation", **fields)

    assert answer.status_code == 409
    assert answer.text.lstrip().startswith('<tr id="booking-BK-7"')
    assert "Martin Keller declined this booking just before you" in answer.text
    assert "data-keep" in answer.text
    assert now_of(booking).status is BookingStatus.DECLINED


def test_the_second_clerk_without_a_script_is_told_on_the_page(front_desk: Browser) -> None:
    payment = a_payment(a_booking(reference="BK-7"))
    url = f"/payments/{payment.id}/verification"
    fields = form(front_desk, payment.booking, url)
    bookings.confirm(payment.booking, by=Actor("Martin Keller"))

    answer = front_desk.act(url, htmx=False, **fields)

    assert answer.headers["Location"] == "/bookings/BK-7"
    assert "Martin Keller confirmed this booking just before you" in front_desk.get("/bookings/BK-7").text
    assert now_of(payment).status is PaymentState.SUBMITTED


@pytest.mark.parametrize("htmx", [True, False])
def test_undo_says_when_it_is_too_late(front_desk: Browser, htmx: bool) -> None:
    booking = a_booking(reference="BK-7")
    act = bookings.confirm(booking, by=audit.person(front_desk.user))
    with writing():
        db.session.merge(booking).messages[0].status = MessageStatus.SENDING

    answer = front_desk.act("/bookings/BK-7/undo", htmx=htmx, act=act.id)

    said = answer.text if htmx else front_desk.get("/bookings/BK-7").text
    assert answer.status_code == (409 if htmx else 303)
    assert "too late to undo" in said
    assert now_of(booking).status is BookingStatus.CONFIRMED


@pytest.mark.settings(undo_seconds=0)
def test_without_a_hold_nothing_promises_an_undo(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    url = "/bookings/BK-7/confirmation"

    answer = front_desk.act(url, **form(front_desk, booking, url))

    assert "BK-7 confirmed. 3 messages wait to be sent." in words_of(answer.text)  # No worker runs.
    assert answer.text.count('action="/bookings/BK-7/undo"') == 1  # The card's own, until a worker claims one.


@pytest.mark.parametrize(("fields", "status"), [({}, 422), ({"version": "x"}, 422), ({"version": "-1"}, 422),
                                                ({"version": "1", "reason": "x" * 501}, 422)])  # fmt: skip
@pytest.mark.parametrize("noun", ["refusal", "cancellation"])
def test_an_incomplete_form_changes_nothing(
    front_desk: Browser, noun: str, fields: dict[str, str], status: int
) -> None:
    booking = a_booking()

    answer = front_desk.act(f"/bookings/{booking.reference}/{noun}", **fields)

    assert answer.status_code == status
    assert now_of(booking).status is BookingStatus.PENDING


@pytest.mark.parametrize("act", ["", "x", "-1", "9" * 30, "999999"])
def test_there_is_nothing_to_undo_behind_a_made_up_act(front_desk: Browser, act: str) -> None:
    booking = a_booking()

    assert front_desk.act(f"/bookings/{booking.reference}/undo", act=act).status_code == 404


@pytest.mark.parametrize(
    "url", ["/bookings/BK-404/confirmation", "/payments/999/verification", f"/payments/{'9' * 30}/rejection"]
)
def test_an_act_on_nothing_is_a_404(front_desk: Browser, url: str) -> None:
    assert front_desk.act(url, version=1).status_code == 404


@pytest.mark.parametrize("noun", ["confirmation", "refusal", "cancellation", "undo"])
def test_nobody_acts_without_signing_in(client: FlaskClient, noun: str) -> None:
    booking = a_booking()

    answer = client.act(f"/bookings/{booking.reference}/{noun}", version=1)  # type: ignore[attr-defined]

    assert (answer.status_code, "/login" in answer.headers["HX-Redirect"]) == (401, True)
    assert now_of(booking).status is BookingStatus.PENDING


def test_an_act_without_the_token_is_refused(front_desk: Browser, app: Flask) -> None:
    booking = a_booking()

    answer = front_desk.post(f"/bookings/{booking.reference}/confirmation", data={"version": 1})

    assert answer.status_code == 403
    assert now_of(booking).status is BookingStatus.PENDING
