"""The list of payments: what a row says, deciding there, reversing, and recording one by hand."""

import re
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.factories import a_booking, a_payment
from tests.routes.bookings.test_pages import counted
from tests.support.forms import fields_of, filled, offers, words_of
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, ChannelName, OptOut, Payment, PaymentState
from webapp.services import payments
from webapp.services.audit import Actor
from webapp.services.payments.listing import PAGE
from webapp.services.queue import banner

DECISIONS = {"verification": PaymentState.VERIFIED, "rejection": PaymentState.REJECTED}
NEW = {"method": "Cash", "amount": "40.00", "reference": "R-17"}


def now_of(row: Any) -> Any:
    """The row as the database has it after a request."""
    db.session.rollback()
    return db.session.merge(row)


def row_of(browser: Browser, payment: Payment, query: str = "") -> str:
    page = browser.get(f"/payments{query}").text
    return page.partition(f'<tr id="payment-{payment.id}"')[2].partition("</tr>")[0]


def test_a_row_says_who_paid_what_for_what_and_what_is_due(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7", name="Amelia Hart")
    a_payment(booking, PaymentState.VERIFIED, amount=Decimal(50))

    row = row_of(front_desk, a_payment(booking, amount=Decimal(70), method="Bank transfer", reference="TX-1"))

    for said in ("Amelia Hart", "BK-7", "Harbour cruise", "Bank transfer", "TX-1", "£70.00", "To verify"):
        assert said in row
    assert "This is" not in row


def test_who_is_told_of_a_decision_is_said_by_the_rule_that_sends(front_desk: Browser) -> None:
    heard, stopped = a_payment(a_booking()), a_payment(a_booking(email=None, channels=["sms"]))
    with writing():
        db.session.add(OptOut(channel=ChannelName.SMS, address=stopped.booking.phone, source="21610"))

    asked = [front_desk.get(f"/payments/{payment.id}/rejection/dialog").text for payment in (heard, stopped)]

    assert ["No message goes out" in dialog for dialog in asked] == [False, True]


@pytest.mark.parametrize(("amount", "said"), [(100, "£20.00 short"), (150, "£30.00 too much")])
def test_an_amount_that_is_not_what_is_due_is_warned_of(front_desk: Browser, amount: int, said: str) -> None:
    payment = a_payment(a_booking(), amount=Decimal(amount))

    assert said in row_of(front_desk, payment)


def test_a_reference_that_came_before_is_warned_of_with_the_payment_that_had_it(front_desk: Browser) -> None:
    first = a_payment(a_booking(reference="BK-1"), reference="TX-1")
    second = a_payment(a_booking(reference="BK-2"), reference="TX-1")

    row = " ".join(row_of(front_desk, second).split())

    assert f'Same reference as on <a href="/bookings/BK-1#payment-{first.id}">BK-1</a> (To verify)' in row
    assert "Same reference" not in row_of(front_desk, first)


@pytest.mark.parametrize(("noun", "state"), DECISIONS.items())
@pytest.mark.parametrize("htmx", [True, False])
def test_a_payment_is_decided_in_its_row_and_taken_back_there(
    front_desk: Browser, noun: str, state: PaymentState, htmx: bool
) -> None:
    payment = a_payment(a_booking(reference="BK-7"))
    url, undo = f"/payments/{payment.id}/{noun}", f"/payments/{payment.id}/undo"
    front_desk.environ_base["HTTP_REFERER"] = "http://localhost/payments?q=BK"
    page = "/payments?q=BK" if noun == "verification" else f"{url}?view=payment"
    fields = fields_of(front_desk.get(page).text, url) | {"reason": "No money came"}

    answer = front_desk.act(url, htmx=htmx, **fields)
    said = answer.text if htmx else front_desk.get(answer.headers["Location"]).text
    decided = now_of(payment).status
    back = front_desk.act(undo, htmx=htmx, **fields_of(said, undo))

    assert f"BK-7: £120.00 {state.value}. 3 messages go out in 8 s." in words_of(said)
    assert htmx or answer.headers["Location"] == f"/payments?q=BK#payment-{payment.id}"
    assert (decided, now_of(payment).status) == (state, PaymentState.SUBMITTED)
    assert back.status_code == (200 if htmx else 303)


def test_the_second_of_two_clerks_sees_who_was_first_in_the_row(front_desk: Browser) -> None:
    payment = a_payment(a_booking(reference="BK-7"))
    url = f"/payments/{payment.id}/verification"
    fields = fields_of(front_desk.get("/payments").text, url)
    payments.reject(payment, by=Actor("Martin Keller"))

    answer = front_desk.act(url, **fields)

    assert answer.status_code == 409
    assert answer.text.lstrip().startswith(f'<tr id="payment-{payment.id}"')
    assert "Martin Keller rejected a payment just before you" in answer.text
    assert "by <bdi>Martin Keller</bdi>" in answer.text


def test_a_double_click_verifies_once(front_desk: Browser) -> None:
    payment = a_payment(a_booking())
    url = f"/payments/{payment.id}/verification"
    fields = fields_of(front_desk.get("/payments").text, url)

    answers = [front_desk.act(url, **fields) for _ in range(2)]

    assert all("3 messages go out" in answer.text for answer in answers)
    assert len(now_of(payment.booking).messages) == 3


def test_a_poll_brings_only_the_rows_that_stand_differently(front_desk: Browser) -> None:
    still, moved = a_payment(a_booking()), a_payment(a_booking())
    asked = [("row", f"{still.id}.1"), ("row", f"{moved.id}.1"), ("row", ""), ("row", "x.y"), ("seen", "1")]
    payments.verify(moved, by=Actor("Martin Keller"))

    part = front_desk.get("/payments/changes", query_string=asked).text

    assert f'<tr id="payment-{moved.id}"' in part and "by <bdi>Martin Keller</bdi>" in part
    assert f'<tr id="payment-{still.id}"' not in part


def test_a_poll_that_changes_nothing_answers_304(front_desk: Browser) -> None:
    url = f"/payments/changes?row={a_payment(a_booking()).id}.1"
    first = front_desk.get(url, headers={"HX-Request": "true"})

    again = front_desk.get(url, headers={"HX-Request": "true", "If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.usefixtures("answers_stay")
def test_25_rows_cost_as_many_queries_as_5(front_desk: Browser, app: Flask) -> None:
    def busy(many: int) -> int:
        for _ in range(many):
            booking = a_booking()
            a_payment(booking, PaymentState.REJECTED)
            a_payment(booking, reference="the same")
        banner.forget()
        with counted(app) as statements:
            front_desk.get("/payments")
        return len(statements)

    front_desk.get("/payments")  # What is kept is kept now.
    assert busy(5) == busy(PAGE - 5)


@pytest.mark.parametrize("query", ["status=x", "q=%00%ff", "after=x", "after=99999999999999999999&before=-1", "q=%25"])
def test_odd_addresses_show_a_list(front_desk: Browser, query: str) -> None:
    assert front_desk.get(f"/payments?{query}").status_code == 200


def test_nothing_to_verify_and_nothing_found_are_said_differently(front_desk: Browser) -> None:
    assert "Nothing to verify" in front_desk.get("/payments").text
    assert "No payments match" in front_desk.get("/payments?q=zzz").text
    assert "No payment is in this state now" in front_desk.get("/payments?status=reversed").text


def test_a_manager_reverses_a_verified_payment_and_the_guest_is_told_why(manager: Browser) -> None:
    payment = a_payment(a_booking(reference="BK-7"), PaymentState.VERIFIED)
    url = f"/payments/{payment.id}/reversal"
    fields = fields_of(manager.get(f"{url}?view=payment").text, url)

    answer = manager.act(url, **fields, reason="The bank took it back")

    assert "BK-7: £120.00 reversed. 3 messages go out in 8 s." in words_of(answer.text)
    assert offers(answer.text, f"/payments/{payment.id}/undo")
    assert now_of(payment).status is PaymentState.REVERSED
    assert "The bank took it back" in payment.booking.messages[0].body


def test_a_reversal_needs_a_reason(manager: Browser) -> None:
    payment = a_payment(a_booking(), PaymentState.VERIFIED)
    url = f"/payments/{payment.id}/reversal"

    answer = manager.act(url, **fields_of(manager.get(f"{url}?view=payment").text, url), reason="  ")

    assert answer.status_code == 422
    assert "Say why this payment is reversed" in answer.text
    assert now_of(payment).status is PaymentState.VERIFIED


def test_the_front_desk_is_not_offered_to_reverse(front_desk: Browser) -> None:
    payment = a_payment(a_booking(), PaymentState.VERIFIED)

    page = front_desk.get("/payments?status=verified").text

    assert not offers(page, f"/payments/{payment.id}/reversal")


def test_a_payment_is_recorded_by_hand_and_waits_to_be_verified(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    form = front_desk.get("/bookings/BK-7/payments/new").text

    answer = front_desk.act("/bookings/BK-7/payments", htmx=False, **NEW, **fields_of(form, "/bookings/BK-7/payments"))

    assert answer.headers["Location"] == "/bookings/BK-7"
    assert "£40.00 recorded for BK-7" in front_desk.get("/bookings/BK-7").text
    (payment,) = now_of(booking).payments
    assert (payment.method, payment.amount, payment.status) == ("Cash", Decimal(40), PaymentState.SUBMITTED)


def test_cash_is_recorded_and_verified_in_one_step_and_undone_in_one(front_desk: Browser) -> None:
    booking, url = a_booking(reference="BK-7"), "/bookings/BK-7/payments"
    fields = filled(front_desk.get(f"{url}/new?cash=yes").text, url)

    front_desk.act(url, htmx=False, **fields, then="verify")
    said = front_desk.get("/bookings/BK-7").text
    taken = [(p.method, p.amount, p.reference, p.status) for p in now_of(booking).payments]
    front_desk.act("/bookings/BK-7/undo", htmx=False, **fields_of(said, "/bookings/BK-7/undo"))

    assert "BK-7: £120.00 received. Paid in full. 3 messages go out in 8 s." in words_of(said)
    assert taken == [("Cash", Decimal(120), "", PaymentState.VERIFIED)]
    assert now_of(booking).payments == []
    assert {message.error_code for message in booking.messages} == {"undone"}


def test_only_cash_needs_no_reference(front_desk: Browser) -> None:
    a_booking(reference="BK-7")
    form = {"amount": "40.00", "reference": " ", "then": "verify"}

    refused = front_desk.act("/bookings/BK-7/payments", htmx=False, **form, method="Card")
    taken = front_desk.act("/bookings/BK-7/payments", htmx=False, **form, method="cash")

    assert (refused.status_code, taken.status_code) == (422, 303)
    assert "Enter the number of the receipt" in refused.text


def test_too_much_is_asked_about_once_with_what_was_typed(front_desk: Browser) -> None:
    booking, url = a_booking(reference="BK-7"), "/bookings/BK-7/payments"
    form = {"method": "Card", "reference": "R-17", "amount": "168.00", "then": "verify"}

    asked = front_desk.act(url, htmx=False, **form)
    again = filled(asked.text, url)
    typed_anew = front_desk.act(url, htmx=False, **(again | {"amount": "170.00", "then": "verify"}))
    front_desk.act(url, htmx=False, **again, then="verify")

    assert (asked.status_code, typed_anew.status_code) == (422, 422)
    assert "This is £48.00 too much: £120.00 is due." in asked.text
    assert "Record and verify anyway" in asked.text
    assert again["amount"] == "168.00"
    assert [payment.amount for payment in now_of(booking).payments] == [Decimal(168)]
    assert "£48.00 too much" in front_desk.get("/bookings/BK-7").text


def test_a_double_click_on_too_much_records_it_once(front_desk: Browser) -> None:
    booking, url = a_booking(reference="BK-7"), "/bookings/BK-7/payments"
    fields = filled(front_desk.get(f"{url}/new?cash=yes").text, url)

    answers = [front_desk.act(url, htmx=False, **fields, then="verify") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(now_of(booking).payments) == 1


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        ([], "£120.00 due"),
        ([20], "Paid £20.00 of £120.00 · £100.00 due"),
        ([20, 100], "Paid in full"),
        ([120, 1000], "Paid £1,120.00 of £120.00 · £1,000.00 too much"),
    ],
)
def test_a_booking_says_what_was_paid_and_what_is_due(front_desk: Browser, paid: list[int], said: str) -> None:
    booking = a_booking(reference="BK-7")
    for amount in paid:
        a_payment(booking, PaymentState.VERIFIED, amount=Decimal(amount))

    page = re.sub(r"<[^>]+>", "", front_desk.get("/bookings/BK-7").text)

    assert said in " ".join(page.split())


@pytest.mark.parametrize("page", ["/bookings/BK-7", "/bookings", "/payments?status=verified"])
def test_too_much_is_marked_wherever_the_booking_is_shown(front_desk: Browser, page: str) -> None:
    a_payment(a_booking(reference="BK-7"), PaymentState.VERIFIED, amount=Decimal("168.00"))

    assert "£48.00 too much" in front_desk.get(page).text


def test_a_manager_reverses_on_the_bookings_page_too(manager: Browser) -> None:
    payment = a_payment(a_booking(reference="BK-7"), PaymentState.VERIFIED)
    url = f"/payments/{payment.id}/reversal"
    assert offers(manager.get("/bookings/BK-7").text, url)

    answer = manager.act(url, **fields_of(manager.get(url).text, url), reason="The bank took it back")

    assert 'id="booking"' in answer.text and "BK-7: £120.00 reversed." in words_of(answer.text)
    assert now_of(payment).status is PaymentState.REVERSED


def test_the_front_desk_is_not_offered_to_reverse_on_the_bookings_page(front_desk: Browser) -> None:
    payment = a_payment(a_booking(reference="BK-7"), PaymentState.VERIFIED)

    assert not offers(front_desk.get("/bookings/BK-7").text, f"/payments/{payment.id}/reversal")


def test_a_form_that_is_posted_twice_records_one_payment(front_desk: Browser) -> None:
    booking = a_booking(reference="BK-7")
    form = fields_of(front_desk.get("/bookings/BK-7/payments/new").text, "/bookings/BK-7/payments")

    answers = [front_desk.act("/bookings/BK-7/payments", htmx=False, **NEW, **form) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(now_of(booking).payments) == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"amount": "1,234"}, "can be read in two ways"),
        ({"amount": "0"}, "The amount must be more than 0."),
        ({"amount": "\0x"}, "Write an amount such as 120.00"),
        ({"method": " "}, "Say how it was paid"),
        ({"reference": "x" * 101}, "Keep it within 100 characters; this has 101."),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_the_rest_is_kept(
    front_desk: Browser, wrong: dict[str, str], said: str
) -> None:
    booking = a_booking(reference="BK-7")

    answer = front_desk.act("/bookings/BK-7/payments", htmx=False, **(NEW | wrong))

    assert answer.status_code == 422
    assert said in answer.text
    assert all(f'value="{value}"' in answer.text for name, value in NEW.items() if name not in wrong)
    assert now_of(booking).payments == []


def test_a_cancelled_booking_takes_no_payment(front_desk: Browser) -> None:
    booking: Booking = a_booking("cancelled", reference="BK-7")

    answer = front_desk.act("/bookings/BK-7/payments", htmx=False, **NEW)

    assert answer.status_code == 409
    assert "BK-7 cannot be paid. Status: Cancelled." in answer.text
    assert "Record a payment" not in front_desk.get(f"/bookings/{booking.reference}").text


def test_an_act_on_a_payment_is_on_record(manager: Browser) -> None:
    payment = a_payment(a_booking(), PaymentState.VERIFIED)

    payments.reverse(payment, by=Actor("Martin Keller"), reason="Charged back")

    act = db.session.query(Audit).filter_by(payment_id=payment.id).one()
    assert (act.action, act.actor, act.detail["reason"]) == (Action.PAYMENT_REVERSED, "Martin Keller", "Charged back")
