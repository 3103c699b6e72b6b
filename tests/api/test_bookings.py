"""Bookings by the API."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.speaking import Api, a_body, a_payment, fields, problem
from webapp import clock
from webapp.database import writing
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, Event, OptOut

SOON = (clock.now() + timedelta(days=30)).isoformat()


def test_a_booking_is_taken(api: Api) -> None:
    answer = api.post("/bookings", a_body())

    assert answer.status_code == 201
    assert answer.headers["Location"] == "/api/v1/bookings/B-7"
    assert answer.json | {"created_at": ""} == {
        "reference": "B-7", "status": "pending", "payment_status": "unpaid", "version": 1,
        "guest": {"name": "Amelia Chen", "phone": "+14155552671", "email": "amelia@example.com", "language": "en",
                  "channels": None},
        "service": "Deluxe room", "starts_at": "2030-03-01T17:00:00Z", "party_size": 1, "amount": "120.00",
        "paid": "0.00", "due": "120.00", "reached": None, "currency": "EUR", "created_at": "",
        "payments": [], "messages": [],
        "warnings": [{"field": "starts_at", "detail": "It starts in 2030. Is the year right?"}],
    }  # fmt: skip


def test_a_booking_without_a_reference_gets_one(api: Api) -> None:
    booking = api.book(reference=None, starts_at=SOON)

    assert api.get(f"/bookings/{booking['reference']}").json == booking


def test_a_taken_reference_is_told_apart_from_other_conflicts(api: Api) -> None:
    api.book()

    assert problem(api.post("/bookings", a_body()), 409)["type"].endswith(":taken")


def test_what_is_optional_is_taken(api: Api) -> None:
    guest = {"language": "pt-BR", "channels": ["sms", "email", "sms"], "phone": "(415) 555-2671"}

    booking = api.book(guest=guest, party_size=4)

    assert booking["party_size"] == 4
    assert booking["guest"]["phone"] == "+14155552671"
    assert booking["guest"]["channels"] == ["sms", "email"]


@pytest.mark.parametrize("address", ["phone", "email"])
def test_one_address_is_enough(api: Api, address: str) -> None:
    assert api.book(guest={address: None})["guest"][address] is None


@pytest.mark.parametrize(
    ("given", "field", "detail"),
    [
        ({"guest": {"phone": "+15550001111"}}, "guest.phone", "known range"),
        ({"guest": {"phone": "00 49 30 12345678"}}, "guest.phone", "landline"),
        ({"starts_at": "2000-01-01T10:00:00Z"}, "starts_at", "in the past: Saturday, 1 January 2000"),
        ({"starts_at": "2099-01-01T10:00:00Z"}, "starts_at", "in 2099. Is the year right?"),
        ({"amount": "0"}, "amount", "amount is 0"),
        ({"amount": "0.00"}, "amount", "amount is 0"),
    ],
)
def test_what_may_not_be_meant_is_taken_with_a_warning(api: Api, given: Any, field: str, detail: str) -> None:
    said = {warning["field"]: warning["detail"] for warning in api.book(**{"starts_at": SOON} | given)["warnings"]}

    assert said.keys() == {field}
    assert detail in said[field]


def test_a_channel_that_the_guest_stopped_is_named(api: Api) -> None:
    with writing():
        db.session.add(OptOut(channel=ChannelName.SMS, address="+14155552671", source="21610"))

    (said,) = api.book(starts_at=SOON)["warnings"]

    assert said == {
        "field": "guest.channels",
        "detail": "The guest asked for no messages by SMS, so none goes out there.",
    }


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("<b>Bo</b>", "<b>Bo</b>"), ("ليلى", "ليلى"), ("Zoë 👩‍👩‍👧", "Zoë 👩‍👩‍👧"), ("A\r\nBcc: b@x.io", "A Bcc: b@x.io"),
     (" A\t\x1b B\u2028C ", "A B C"), ("=1+1", "=1+1"), ("x" * 200, "x" * 200)],
)  # fmt: skip
def test_a_name_is_text_on_one_line(api: Api, typed: str, kept: str) -> None:
    booking = api.book(guest={"name": typed})

    assert booking["guest"]["name"] == kept
    assert api.post("/bookings/B-7/confirm").status_code == 200


def test_a_guest_is_written_to_only_where_they_agreed(api: Api) -> None:
    api.book(guest={"channels": ["email"]})

    messages = api.post("/bookings/B-7/confirm").json["messages"]

    assert [(m["channel"], m["event"], m["status"]) for m in messages] == [("email", "booking_confirmed", "waiting")]


@pytest.mark.parametrize(("channel", "missing"), [("sms", "phone"), ("whatsapp", "phone"), ("email", "email")])
def test_an_agreed_channel_needs_its_address(api: Api, channel: str, missing: str) -> None:
    body = a_body(guest={"channels": [channel], missing: None})

    assert fields(api.post("/bookings", body)) == ["guest.channels"]


@pytest.mark.parametrize(
    ("step", "status", "event"),
    [("confirm", BookingStatus.CONFIRMED, Event.BOOKING_CONFIRMED), ("decline", BookingStatus.DECLINED,
     Event.BOOKING_DECLINED), ("cancel", BookingStatus.CANCELLED, Event.BOOKING_CANCELLED)],
)  # fmt: skip
def test_a_step_answers_at_once_with_its_messages_queued(
    api: Api, bells: list[int], step: str, status: BookingStatus, event: Event
) -> None:
    api.book()

    booking = api.post(f"/bookings/B-7/{step}", {"reason": "Full", "version": 1}).json

    assert (booking["status"], booking["version"]) == (status, 2)
    assert {(m["event"], m["status"], m["attempts"]) for m in booking["messages"]} == {(event, "waiting", 0)}
    assert [m["channel"] for m in booking["messages"]] == ["sms", "whatsapp", "email"]
    assert len(bells) == 1


def test_the_api_has_no_hold(api: Api) -> None:
    api.book()

    booking = api.post("/bookings/B-7/confirm").json

    assert all(m["due_at"] <= m["created_at"] for m in booking["messages"])


@pytest.mark.parametrize("body", [None, {}, {"reason": None}, {"version": 1}, {"reason": ""}])
def test_a_step_needs_no_body(api: Api, body: Any) -> None:
    api.book()

    assert api.post("/bookings/B-7/confirm", body).status_code == 200


def test_the_second_of_two_callers_hears_who_was_first(api: Api) -> None:
    api.book()
    api.post("/bookings/B-7/confirm", {"version": 1})

    refusal = problem(api.post("/bookings/B-7/cancel", {"version": 1}), 409)

    assert "API Booking site confirmed this booking" in refusal["detail"]
    assert refusal["type"].endswith(":outrun")


@pytest.mark.parametrize("step", ["confirm", "decline"])
def test_a_step_that_the_state_forbids_is_a_conflict(api: Api, step: str) -> None:
    api.book()
    api.post("/bookings/B-7/cancel")

    problem(api.post(f"/bookings/B-7/{step}"), 409)


@pytest.mark.both_databases
@pytest.mark.parametrize("reference", ["B-8", "x" * 500, "%00", "a%0Ab", "é", "%F0%9F%8E%89", "'"])
def test_an_unknown_booking_is_not_found(api: Api, reference: str) -> None:
    problem(api.get(f"/bookings/{reference}"), 404)
    problem(api.post(f"/bookings/{reference}/payments", a_payment(), key="k"), 404)
    for act in ("confirm", "decline", "cancel", "verify-payment", "reject-payment"):
        problem(api.post(f"/bookings/{reference}/{act}", key="k"), 404)
