"""Amounts as people, shops and banks write them. An unknown mark makes one unreadable; it never becomes a payment."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from webapp.services.parsing.money import decimal_mark_of, direction_of, read_amount
from webapp.services.parsing.money_marks import CURRENCIES, IN, OUT


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("120.00", "120"), ("1.234,56", "1234.56"), ("1,234.56", "1234.56"), ("1 234,56", "1234.56"),
        ("1\u202f234,56", "1234.56"), ("1\u00a0234,56", "1234.56"), ("1'234.56", "1234.56"), ("1’234.56", "1234.56"),
        ("12,5", "12.5"), ("12.345.678", "12345678"), ("12,345,678.90", "12345678.90"), ("+7", "7"), ("0", "0"),
        (".5", "0.5"), (",50", "0.5"), ("007.00", "7"), ("1,23,456.78", "123456.78"), ("12,34,567", "1234567"),
        ("1,00,00,000.00", "10000000"), ("١٢٫٥٠", "12.5"), ("१२३.४५", "123.45"), ("１２０．００", "120"),
        ("\u200e120.00\u200f", "120"), ("\ufeff120.00", "120"), ("5000.00 JPY", "5000"), ("12.500 KWD", None),
        ("1,234.5", "1234.5"), ("1234,5", "1234.5"), ("1.234.567,8", "1234567.8"),
    ],
)  # fmt: skip
def test_numbers_of_every_grouping_are_read(text: str, amount: str | None) -> None:
    if amount is None:
        with pytest.raises(ValueError, match="in two ways"):
            read_amount(text)
    else:
        assert read_amount(text).value == Decimal(amount)


OUTGOING = [
    "-7.00", "7.00-", "- 7.00", "7.00 -", "(7.00)", "[7.00]", "（7.00）", "-£7.00", "£-7.00", "£ -7.00", "(£7.00)",
    "\u22127.00", "\u20107.00", "\u20117.00", "\u20127.00", "\u20137.00", "\u20147.00", "\u20157.00", "\uff0d7.00",
    "\ufe637.00", "\u207b7.00", "7.00\u2013", "7.00 \u2212", "\u2013 7.00 €", "7.00 Dr", "7.00Dr", "7.00DR", "7.00 DR.",
    "7.00 dr", "DR 7.00", "Dr. 7.00", "75.50 DB", "7.00D", "D 7.00", "7.00 S", "S7.00", "7.00 Soll", "Soll 7.00",
    "7.00 Debit", "debit 7.00", "7,00 Débit", "7.00 EUR DR", "DR EUR 7.00", "(7.00) DR", "-7.00 DR", "7.00 Af",
    "Af 7,00", "7.00 Lastschrift", "7,00 Cargo", "支出 700", "７．００－",
]  # fmt: skip


@pytest.mark.parametrize("text", OUTGOING)
def test_money_out_is_below_zero(text: str) -> None:
    amount = read_amount(text)

    assert amount.value < 0
    assert amount.has_direction


@pytest.mark.parametrize(
    "text",
    ["7.00 CR", "7.00Cr", "CR 7.00", "7.00 C", "7.00 H", "7,00 Haben", "+7.00", "7.00 +", "7.00 Kredit", "7.00 K",
     "7,00 Gutschrift", "Bij 7,00", "7.00 credit", "7,00 Crédit", "7.00 EUR CR", "+€7.00"],
)  # fmt: skip
def test_a_mark_of_money_in_is_known(text: str) -> None:
    amount = read_amount(text)

    assert amount.value == 7
    assert amount.has_direction


@pytest.mark.parametrize(
    "text",
    ["", "-", "abc", "1.2.3", "=1+1", "1e5", "4.4E+11", "1 2 3", "Order 12", "12 Order", "7.00 XYZ", "7.00 %", "7.00 ?",
     "7.00 REV", "7.00 pending", "7.00*", "7.00†", "7.00 X", "±7.00", "~7.00", "≈7.00", "7.00/8.00", "7.00 8.00", "--7",
     "7.00--", "-7.00 CR", "+7.00 DR", "(7.00) CR", "-7.00-", "(7.00", "7.00)", "€7.00 USD", "US$7.00 CAD", "100,-",
     "100.–", "100,—", "1,2345", "12,34,56", "1.23.456", "1,234.567.8", "12.3456", "12..5", "12.", "½", "7.00 CR DR",
     "x" * 500, "9" * 100],
)  # fmt: skip
def test_what_is_not_certain_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        read_amount(text)


@pytest.mark.parametrize(
    ("text", "fits", "not_of"),
    [
        ("100.00 USD", "USD", "EUR"), ("JPY 100", "JPY", "EUR"), ("$100.00", "USD", "EUR"), ("$100.00", "AUD", "GBP"),
        ("€100", "EUR", "USD"), ("100 €", "EUR", "CHF"), ("100€", "EUR", "GBP"), ("£100", "GBP", "EUR"),
        ("¥100", "JPY", "USD"), ("¥100", "CNY", "TWD"),
        ("￥100", "JPY", "EUR"), ("100 kr", "SEK", "EUR"), ("100 kr.", "DKK", "PLN"),
        ("zł 100", "PLN", "CZK"), ("100 Kč", "CZK", "PLN"), ("R$ 100,00", "BRL", "USD"), ("₹1,00,000.00", "INR", "PKR"),
        ("Rs. 100", "INR", "EUR"), ("100 Ft", "HUF", "EUR"), ("CHF 100", "CHF", "EUR"), ("Fr. 100", "CHF", "EUR"),
        ("100円", "JPY", "CNY"), ("C$100", "CAD", "USD"), ("$100 CAD", "CAD", "USD"), ("usd 100", "USD", "CAD"),
        ("100 руб.", "RUB", "EUR"), ("RM100", "MYR", "SGD"), ("100 Euro", "EUR", "USD"),
    ],
)  # fmt: skip
def test_a_currency_beside_an_amount_is_compared_and_never_dropped(text: str, fits: str, not_of: str) -> None:
    amount = read_amount(text)

    assert amount.is_of(fits)
    assert not amount.is_of(not_of)


@pytest.mark.parametrize(
    ("text", "currency", "amount"),
    [
        ("5,000", "JPY", "5000"), ("50.000", "JPY", "50000"), ("¥50,000", "JPY", "50000"), ("5000", "KRW", "5000"),
        ("1.250.000", "VND", "1250000"), ("12.345,678", "KWD", "12345.678"), ("0.250", "KWD", None),
        ("12.34", "KWD", "12.34"), ("5000.50", "JPY", None), ("12.345", "EUR", None), ("12.3456", "BHD", None),
        ("1,234.567", "TND", "1234.567"), ("19.99", "CLP", None), ("1.234,00", "ISK", "1234"), ("12,50", "RSD", "12.5"),
    ],
)  # fmt: skip
def test_each_currency_has_its_own_decimals(text: str, currency: str, amount: str | None) -> None:
    if amount is None:
        with pytest.raises(ValueError, match=r"in two ways|has no decimals|has at most"):
            read_amount(text, currency=currency)
    else:
        assert read_amount(text, currency=currency).value == Decimal(amount)


@pytest.mark.parametrize(
    ("text", "mark", "currency", "amount"),
    [("1,234", ".", "EUR", "1234"), ("1.234", ",", "EUR", "1234"), ("12,345", ",", "KWD", "12.345"),
     ("12.345", ",", "KWD", None), ("1,234", "", "EUR", None), ("0,500", ".", "EUR", None)],
)  # fmt: skip
def test_a_column_tells_what_one_amount_does_not(text: str, mark: str, currency: str, amount: str | None) -> None:
    if amount is None:
        with pytest.raises(ValueError, match="in two ways"):
            read_amount(text, decimal_mark=mark, currency=currency)
    else:
        assert read_amount(text, decimal_mark=mark, currency=currency).value == Decimal(amount)


def test_a_column_has_one_decimal_mark_or_none_is_known() -> None:
    assert decimal_mark_of(["1,234", "5.50"]) == "."
    assert decimal_mark_of(["1.234", "-5,50 €"]) == ","
    assert decimal_mark_of(["5.50", "5,50"]) == ""
    assert decimal_mark_of(["1,234", "x", ""]) == ""


@pytest.mark.parametrize(
    "word", ["Af", "AF ", "Debit", "débit", "D", "S", "Soll", "Dr.", "-", "–", "DBIT", "Withdrawal"]
)
def test_a_word_of_money_out_is_known(word: str) -> None:
    assert direction_of(word) == -1


def test_no_mark_stands_for_money_in_and_money_out() -> None:
    assert not IN & OUT
    assert all(codes for codes in CURRENCIES.values())


DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\ufe63\ufe58\u2e3a\u301c"
SPACES = st.sampled_from(["", " ", "\u00a0", "\u202f", "\u2009"])


@given(
    cents=st.integers(1, 99_999_999),
    mark=st.sampled_from([*DASHES, *sorted(OUT - {"-"}), "(", "["]),
    behind=st.booleans(), space=SPACES, upper=st.booleans(), sign=st.sampled_from(["", "€", "EUR", "$", "kr", "zł"]),
)  # fmt: skip
@example(cents=8800, mark="\u2013", behind=False, space="", upper=False, sign="")
def test_no_mark_of_money_out_ever_reads_as_money_in(
    cents: int, mark: str, behind: bool, space: str, upper: bool, sign: str
) -> None:
    digits = f"{cents / 100:,.2f}"
    mark = mark.upper() if upper else mark
    written = {"(": f"({digits})", "[": f"[{digits}]"}.get(mark) or (
        f"{digits}{space}{mark}" if behind else f"{mark}{space}{digits}"
    )
    text = f"{sign} {written}" if behind else f"{written} {sign}"

    try:
        amount = read_amount(text)
    except ValueError:
        return  # Refused: nobody is thanked for it.
    assert amount.value == Decimal(-cents) / 100


@given(digits=st.decimals(0, 9_999_999, places=2), beside=st.text(min_size=1, max_size=6), behind=st.booleans())
def test_nothing_beside_an_amount_is_dropped(digits: Decimal, beside: str, behind: bool) -> None:
    text = f"{digits} {beside}" if behind else f"{beside} {digits}"
    try:
        amount = read_amount(text)
    except ValueError:
        return
    has_meaning = amount.currencies or amount.has_direction
    is_blank = not "".join(sign for sign in beside if sign.isprintable() and not sign.isspace()).strip()
    is_number = any(sign.isdecimal() for sign in beside)
    assert has_meaning or is_blank or is_number
