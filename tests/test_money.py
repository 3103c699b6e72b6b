"""Every currency has its own decimals, and an amount loses none of them, however it is written."""

from decimal import Decimal

import pytest

from webapp import money

# ISO 4217, list one: minor units. An amount, as a program reads it, and as a page shows it.
TABLE = [
    ("EUR", 2, "1200", "1200.00", "€1,200.00"),
    ("USD", 2, "0.05", "0.05", "$0.05"),
    ("GBP", 2, "128", "128.00", "£128.00"),
    ("CHF", 2, "1200.5", "1200.50", "CHF 1,200.50"),
    ("INR", 2, "1234567.89", "1234567.89", "₹1,234,567.89"),
    ("HUF", 2, "990.5", "990.50", "HUF 990.50"),
    ("JPY", 0, "5000", "5000", "¥5,000"),
    ("KRW", 0, "50000.00", "50000", "₩50,000"),
    ("CLP", 0, "12345", "12345", "CLP 12,345"),
    ("VND", 0, "1000000", "1000000", "₫1,000,000"),
    ("ISK", 0, "9900", "9900", "ISK 9,900"),
    ("PYG", 0, "7500", "7500", "PYG 7,500"),
    ("UGX", 0, "36000", "36000", "UGX 36,000"),
    ("XOF", 0, "6500", "6500", "F CFA 6,500"),
    ("KWD", 3, "12.345", "12.345", "KWD 12.345"),
    ("BHD", 3, "1.5", "1.500", "BHD 1.500"),
    ("TND", 3, "80", "80.000", "TND 80.000"),
    ("OMR", 3, "0.001", "0.001", "OMR 0.001"),
    ("JOD", 3, "999999999.999", "999999999.999", "JOD 999,999,999.999"),
    ("IQD", 3, "1500.25", "1500.250", "IQD 1,500.250"),
    ("LBP", 2, "89500.5", "89500.50", "LBP 89,500.50"),
    ("RSD", 2, "11700.01", "11700.01", "RSD 11,700.01"),
    ("RSD", 2, "11700", "11700.00", "RSD 11,700"),
    ("CLF", 4, "1.2345", "1.2345", "CLF 1.2345"),
    ("UYW", 4, "1", "1.0000", "UYW 1.0000"),
]
CODES = [(code, decimals) for code, decimals, *_ in TABLE]


@pytest.mark.parametrize(("code", "decimals", "amount", "plain", "shown"), TABLE)
def test_an_amount_is_written_with_the_decimals_of_its_currency(
    code: str, decimals: int, amount: str, plain: str, shown: str
) -> None:
    said = (
        money.shown(Decimal(amount), code).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    )

    assert (money.decimals(code), money.plain(Decimal(amount), code), said) == (decimals, plain, shown)


@pytest.mark.parametrize(("code", "decimals"), CODES)
def test_an_amount_may_have_the_decimals_of_its_currency_and_no_more(code: str, decimals: int) -> None:
    finest = Decimal(1).scaleb(-decimals) + 1

    assert money.check(finest, code) == finest
    with pytest.raises(ValueError, match=f"^{code} has .*: write "):
        money.check(finest + Decimal(1).scaleb(-decimals - 1), code)


def test_a_refusal_says_how_to_write_it() -> None:
    for amount, code, sentence in (
        ("5000.50", "JPY", "JPY has no decimals: write 5000."),
        ("12.3456", "KWD", "KWD has three decimals: write an amount such as 12.345."),
        ("120.009", "EUR", "EUR has two decimals: write an amount such as 120.00."),
    ):
        with pytest.raises(ValueError, match=f"^{sentence}$"):
            money.check(Decimal(amount), code)


def test_zeros_behind_the_point_are_no_decimals() -> None:
    assert money.check(Decimal("5000.00"), "JPY") == 5000


def test_an_amount_of_older_days_with_more_decimals_is_shown_whole() -> None:
    assert (money.plain(Decimal("5000.5"), "JPY"), money.shown(Decimal("5000.5"), "JPY")) == ("5000.5", "¥5,000.5")


@pytest.mark.parametrize("code", [*dict(CODES), "TRY", "XCG", "SLE", "ZWG", "XAF", "MRU", "CHE", "VED"])
def test_a_currency_of_iso_4217_is_one(code: str) -> None:
    assert money.is_currency(code)


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "XDR", "ABC", "eur", "EURO", "", "DEM", "HRK", "CUC", "€"])
def test_what_nothing_can_be_paid_in_is_none(code: str) -> None:
    assert not money.is_currency(code)


@pytest.mark.parametrize(
    ("language", "said"),
    [("de", "1.200,00 €"), ("fr", "1 200,00 €"), ("pt-BR", "€ 1.200,00"), ("ja", "€1,200.00"), ("nl", "€ 1.200,00"),
     ("pl", "1 200,00 €"), ("sv", "1 200,00 €"), ("de-XX", "1.200,00 €"), ("tlh", "€1,200.00"), ("../en", "€1,200.00"),
     ("", "€1,200.00")],
)  # fmt: skip
def test_an_amount_is_written_as_its_readers_write_it(language: str, said: str) -> None:
    shown = money.shown(Decimal(1200), "EUR", language)

    assert shown.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ") == said
