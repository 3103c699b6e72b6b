"""Amounts, days and times as people write them; what can be read in two ways is never guessed."""

from datetime import date, datetime, time
from decimal import Decimal

import pytest

from webapp.services.imports.columns import Field, fits, guess
from webapp.services.parsing.days import DayOrder, day_of, exact_moment, is_two_ways, order_of, split_day, time_of
from webapp.services.parsing.money import decimal_mark_of, read_amount


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("120.00", "120"), ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1 234,56", "1234.56"),
        ("1'234.56", "1234.56"), ("12,5", "12.5"), ("12.345.678", "12345678"), ("+7", "7"), ("-7,00", "-7"),
        ("7.00-", "-7"), ("(7.00)", "-7"), ("£7.00", "7"), ("-£7.00", "-7"), ("7,00 EUR", "7"), ("EUR 7", "7"),
        ("7.00 DR", "-7"), ("7.00 CR", "7"), ("−7", "-7"), ("0", "0"), (".5", "0.5"),
    ],
)  # fmt: skip
def test_amounts_are_read(text: str, amount: str) -> None:
    assert read_amount(text).value == Decimal(amount)


@pytest.mark.parametrize("text", ["", "abc", "1.2.3", "=1+1", "1e5", "12.3456", "-", "Order 12", "1 2 3"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Write an amount such as"):
        read_amount(text)


@pytest.mark.parametrize(("text", "beside"), [("1,234", "5.50"), ("1.234", "5,50")])
def test_an_amount_of_two_meanings_is_refused_unless_its_column_tells(text: str, beside: str) -> None:
    with pytest.raises(ValueError, match="in two ways"):
        read_amount(text)

    assert read_amount(text, decimal_mark=decimal_mark_of([text, beside])).value == Decimal(1234)


def test_an_amount_beyond_all_is_refused() -> None:
    with pytest.raises(ValueError, match="largest amount"):
        read_amount("1000000000")


@pytest.mark.parametrize(
    "text",
    ["2026-11-23", "23/11/2026", "23.11.2026", "23.11.26", "23-11-2026", "20261123", "23 Nov 2026", "Mon, 23 Nov 2026",
     "Nov 23, 2026", "23. November 2026", "2026/11/23"],
)  # fmt: skip
def test_days_are_read(text: str) -> None:
    assert day_of(text) == date(2026, 11, 23)


def test_a_column_tells_whether_the_day_or_the_month_comes_first() -> None:
    american = order_of(["03/04/2026", "12/31/2026"])

    assert american is DayOrder.MONTH
    assert day_of("03/04/2026", american) == date(2026, 3, 4)
    assert day_of("03/04/2026", order_of(["31/12/2026"])) == date(2026, 4, 3)


def test_a_day_of_two_meanings_is_known_as_such() -> None:
    assert is_two_ways("03/04/2026")
    assert not any(is_two_ways(text) for text in ("31/04/2026", "04/04/2026", "2026-03-04", "3.4.2026"))


@pytest.mark.parametrize("text", ["", "x", "31/02/2026", "2026-13-01", "1/1/1999", "99999999999", "0000-00-00"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a day such as|The year"):
        day_of(text)


def moment_of(text: str) -> datetime:
    day, rest = split_day(text)
    return exact_moment(text) or datetime.combine(day, time_of(rest))


@pytest.mark.parametrize(
    "text", ["2026-11-23 18:30", "2026-11-23T18:30:00", "23.11.2026 18:30", "23/11/2026 6:30 PM", "23 Nov 2026, 18:30"]
)
def test_moments_are_read(text: str) -> None:
    assert moment_of(text) == datetime(2026, 11, 23, 18, 30)  # noqa: DTZ001  # As written: without a zone.


def test_an_offset_is_kept() -> None:
    exact = exact_moment("2026-11-23T18:30:00+01:00")

    assert exact and exact.isoformat() == "2026-11-23T18:30:00+01:00"


def test_times_are_read_and_others_refused() -> None:
    assert [time_of(text) for text in ("9:05", "12:00 am", "12:30 p.m.")] == [time(9, 5), time(0), time(12, 30)]
    for text in ("25:00", "13:00 pm", "noon", "", "24:00", "0.5", "0.75", "18.5", "18:60", "6", "1830", "18:30 CET"):
        with pytest.raises(ValueError, match=r"a time such as|as a time"):
            time_of(text)


def test_columns_are_known_by_their_headers_whatever_their_case_accents_and_signs() -> None:
    fields = (Field("amount", "Amount", "betrag, crédit"), Field("text", "Text", "Description, details"))

    assert guess(fields, ["DETAILS", "Credit", "description"]) == {"amount": "Credit", "text": "description"}
    assert guess(fields, ["Foo", "Bar"]) == {}
    assert fits({"amount": "Bar", "#days": "day"}, ["Foo", "Bar"])
    assert not fits({"amount": "Baz"}, ["Foo", "Bar"])
