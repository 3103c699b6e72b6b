"""Reading what people type: dates in the business's zone, amounts, and lines without odd characters."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from webapp.services.parsing import fields, text, times

pytestmark = pytest.mark.usefixtures("app")


@pytest.mark.settings(timezone="Europe/Paris")
@pytest.mark.parametrize("typed", ["2026-07-01T18:00", "2026-07-01 18:00", " 2026-07-01T18:00:00 "])
def test_a_time_is_that_of_the_business(typed: str) -> None:
    moment = times.read_form(typed)

    assert moment == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert times.as_local(moment) == "2026-07-01T18:00"


@pytest.mark.settings(timezone="Europe/Paris")
def test_an_hour_that_the_clocks_skip_is_no_start() -> None:
    with pytest.raises(ValueError, match="the clocks go forward"):
        times.read_form("2026-03-29T02:30")


@pytest.mark.parametrize(
    "typed", ["", "tomorrow", "2026-02-30T10:00", "2026-05-01T25:00", "1999-01-01T10:00", "٢٠٢٦-05-01T10:00"]
)
def test_what_is_no_time_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\.$"):
        times.read_form(typed)


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("120", "120.00"), (" 120.5 ", "120.50"), ("0,99", "0.99"), ("0", "0.00"), ("1,000.00", "1000.00")],
)
def test_an_amount_has_cents(typed: str, amount: str) -> None:
    assert fields.amount("EUR")(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["", "-1", "1.234", "1e3", "£120", "$120", "1,000", "NaN", "1234567890"])
def test_what_is_no_amount_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"such as 120\.00|two ways|another currency|below zero|largest"):
        fields.amount("EUR")(typed)


@pytest.mark.parametrize("typed", ["0", "1001", "-1", "two", "1.5", "", "²"])
def test_what_is_no_number_of_guests_gets_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match="from 1 to 1,000"):
        fields.guests(typed)


def test_a_paragraph_keeps_its_lines_and_nothing_that_no_screen_shows() -> None:
    assert text.paragraph(" One\r\n\r\ntwo\x00\u2028 \n", 20, "Empty.") == "One\n\ntwo"


def test_a_paragraph_that_is_too_long_says_by_how_much() -> None:
    with pytest.raises(ValueError, match="within 3 characters; this has 4"):
        text.paragraph("four", 3, "Empty.")


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1", 1), ("0", 0), ("007", 7), ("9223372036854775807", 2**63 - 1), ("9223372036854775808", None), ("", None),
     ("-1", None), ("+1", None), (" 1", None), ("1.0", None), ("1e3", None), ("٣", None), ("²", None), ("１", None),
     ("9" * 5000, None), ("1\n", None), ("None", None)],
)  # fmt: skip
def test_a_row_is_named_by_plain_digits_that_fit(typed: str, number: int | None) -> None:
    assert fields.row_id(typed) == number
