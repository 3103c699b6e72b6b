"""By the API an amount has the decimals of its currency, and comes back as it was sent."""

from typing import Any

import pytest

from tests.api.speaking import Api, a_body, a_payment, problem

AMOUNTS = [
    ("EUR", "120.00"), ("USD", "0.05"), ("HUF", "990.50"), ("JPY", "5000"), ("KRW", "50000"), ("CLP", "12345"),
    ("VND", "999999999"), ("ISK", "9900"), ("XOF", "6500"), ("KWD", "12.345"), ("BHD", "1.500"), ("TND", "80.000"),
    ("OMR", "0.001"), ("JOD", "999999999.999"), ("IQD", "1500.250"), ("LBP", "89500.50"), ("CLF", "1.2345"),
]  # fmt: skip


def errors(answer: Any) -> dict[str, str]:
    return {error["field"]: error["detail"] for error in problem(answer, 422)["errors"]}


@pytest.mark.both_databases
def test_every_amount_comes_back_as_it_was_sent(api: Api) -> None:
    for code, amount in AMOUNTS:
        booking = api.book(reference=code, currency=code, amount=amount)
        paid = api.pay(code, amount=amount)

        assert (booking["amount"], paid["payments"][0]["amount"]) == (amount, amount)
        assert api.post(f"/bookings/{code}/verify-payment", {}).json["payment_status"] == "paid"


@pytest.mark.parametrize(
    ("code", "amount", "sentence"),
    [
        ("JPY", "5000.50", "JPY has no decimals: write 5000."),
        ("ISK", "9900.5", "ISK has no decimals: write 9900."),
        ("CLP", "0.01", "CLP has no decimals: write 0."),
        ("EUR", "120.005", "EUR has two decimals: write an amount such as 120.00."),
        ("LBP", "1.234", "LBP has two decimals: write an amount such as 1.23."),
        ("KWD", "12.3456", "KWD has three decimals: write an amount such as 12.345."),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused(api: Api, code: str, amount: str, sentence: str) -> None:
    assert errors(api.post("/bookings", a_body(currency=code, amount=amount))) == {"amount": sentence}

    api.book(currency=code, amount="1")
    assert errors(api.post("/bookings/B-7/payments", a_payment(amount=amount))) == {"amount": sentence}


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "ABC", "DEM", "ZZZ"])
def test_a_currency_that_nothing_is_paid_in_is_refused_by_name(api: Api, code: str) -> None:
    answer = api.post("/bookings", a_body(currency=code))

    assert errors(answer) == {"currency": f"{code} is no currency of ISO 4217 that can be paid in."}


def test_zeros_behind_the_point_of_yen_are_taken(api: Api) -> None:
    assert api.book(currency="JPY", amount="5000.00")["amount"] == "5000"
