"""Payments by the API."""

import pytest
from sqlalchemy import update

from tests.api.speaking import Api, a_payment, fields, problem
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import Payment


@pytest.mark.both_databases
def test_the_guides_flow_from_booking_to_queued_messages(api: Api, bells: list[int]) -> None:
    reference = api.book()["reference"]
    submitted = api.pay(reference)
    assert submitted["payment_status"] == "submitted"

    verified = api.post(f"/bookings/{reference}/verify-payment", {}).json

    assert verified["payment_status"] == "paid"
    assert [p["status"] for p in verified["payments"]] == ["verified"]
    assert {(m["event"], m["status"]) for m in verified["messages"]} == {("payment_verified", "waiting")}
    assert len(bells) == 1


def test_a_payment_is_shown_as_it_was_submitted(api: Api) -> None:
    api.book()

    payment = api.pay("B-7", amount="40")["payments"][0]

    assert {n: payment[n] for n in ("method", "amount", "reference", "status")} == {
        "method": "Bank transfer", "amount": "40.00", "reference": "TX-1", "status": "submitted",
    }  # fmt: skip


def test_a_booking_says_what_was_paid_and_what_is_due(api: Api) -> None:
    api.book()

    sums = [(api.pay("B-7", amount), api.post("/bookings/B-7/verify-payment").json)[1]
            for amount in ("50", "118")]  # fmt: skip

    assert [(one["paid"], one["due"]) for one in sums] == [("50.00", "70.00"), ("168.00", "-48.00")]


def test_a_rejected_payment_tells_why(api: Api) -> None:
    api.book()
    api.pay("B-7")

    booking = api.post("/bookings/B-7/reject-payment", {"reason": "Bounced\nback"}).json

    assert booking["payment_status"] == "rejected"
    assert booking["payments"][0]["reason"] == "Bounced back"


@pytest.mark.parametrize("step", ["decline", "cancel"])
def test_a_closed_booking_takes_no_payment(api: Api, step: str) -> None:
    api.book()
    api.post(f"/bookings/B-7/{step}")

    problem(api.post("/bookings/B-7/payments", a_payment()), 409)


@pytest.mark.parametrize("act", ["verify-payment", "reject-payment"])
def test_with_no_submitted_payment_there_is_nothing_to_decide(api: Api, act: str) -> None:
    api.book()

    problem(api.post(f"/bookings/B-7/{act}"), 409)


@pytest.mark.parametrize("act", ["verify-payment", "reject-payment"])
def test_of_several_payments_one_must_be_named(api: Api, act: str) -> None:
    api.book()
    api.pay("B-7", amount="50.00")
    second = api.pay("B-7", amount="70.00")["payments"][1]["id"]

    problem(api.post(f"/bookings/B-7/{act}"), 409)
    decided = api.post(f"/bookings/B-7/{act}", {"payment_id": second}).json

    assert decided["payments"][0]["status"] == "submitted"
    assert decided["payments"][1]["status"] != "submitted"


def test_a_payment_is_decided_once(api: Api) -> None:
    api.book()
    payment = api.pay("B-7")["payments"][0]["id"]
    api.post("/bookings/B-7/verify-payment")

    problem(api.post("/bookings/B-7/reject-payment", {"payment_id": payment}), 409)


def test_a_payment_of_another_booking_is_not_found(api: Api) -> None:
    api.book()
    other = api.book(reference="B-8")["reference"]
    payment = api.pay(other)["payments"][0]["id"]

    problem(api.post("/bookings/B-7/verify-payment", {"payment_id": payment}), 404)


def test_an_old_version_is_refused(api: Api) -> None:
    api.book()
    api.pay("B-7")

    problem(api.post("/bookings/B-7/verify-payment", {"version": 1}), 409)


def test_a_payment_id_is_a_number_that_fits(api: Api) -> None:
    api.book()

    for payment_id in (2**63, 10**30, 0, -1, "1", True, 1.0, [1]):
        assert fields(api.post("/bookings/B-7/verify-payment", {"payment_id": payment_id})) == ["payment_id"]


def test_the_largest_payment_id_is_not_found(api: Api) -> None:
    api.book()

    problem(api.post("/bookings/B-7/verify-payment", {"payment_id": 2**63 - 1}), 404)


def test_the_same_payment_within_a_minute_is_refused_and_the_first_is_named(api: Api) -> None:
    api.book(reference="B-7")
    first = api.pay("B-7")["payments"][0]["id"]

    refusals = [problem(api.post("/bookings/B-7/payments", a_payment()), 409) for _ in range(4)]

    assert all(f"payment {first}" in refusal["detail"] for refusal in refusals)
    assert len(api.get("/bookings/B-7").json["payments"]) == 1


@pytest.mark.parametrize("change", [{"amount": "120.01"}, {"method": "Card"}, {"reference": "TX-2"}])
def test_a_payment_that_differs_is_another_one(api: Api, change: dict[str, str]) -> None:
    api.book(reference="B-7")
    api.pay("B-7")

    assert api.post("/bookings/B-7/payments", a_payment(**change)).status_code == 201


def test_the_same_payment_of_another_booking_or_a_minute_later_is_taken(api: Api) -> None:
    api.book(reference="B-7")
    api.book(reference="B-8")
    api.pay("B-7")
    with writing():
        db.session.execute(update(Payment).values(created_at=later(-61)))

    assert api.post("/bookings/B-8/payments", a_payment()).status_code == 201
    assert api.post("/bookings/B-7/payments", a_payment()).status_code == 201


def test_a_payment_that_may_be_a_second_one_is_taken_with_a_warning(api: Api) -> None:
    api.book()
    first = api.pay("B-7")
    assert first["warnings"] == []
    with writing():
        db.session.execute(update(Payment).values(created_at=later(-61)))

    said = {warning["field"]: warning["detail"] for warning in api.pay("B-7")["warnings"]}

    assert said == {"reference": f"Payment {first['payments'][0]['id']} of B-7 has the same reference (To verify)."}


def test_a_reference_of_another_booking_and_too_much_money_are_warned_of(api: Api) -> None:
    api.book()
    api.book(reference="B-8")
    api.pay("B-7")

    said = {warning["field"]: warning["detail"] for warning in api.pay("B-8", amount="150.00")["warnings"]}

    assert "of B-7" in said["reference"]
    assert said["amount"] == "This is €30.00 too much: €120.00 is due."
