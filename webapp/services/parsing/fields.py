"""Reading what people type into forms: each reader's error is a sentence that says what is expected."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from webapp.money import USUAL, decimals, is_currency
from webapp.services.parsing import text as texts
from webapp.services.parsing.money import read_amount

T = TypeVar("T")
one_line, paragraph = texts.one_line, texts.paragraph


BIGGEST_ID = 2**63 - 1  # A longer number fits no column.


def row_id(text: str) -> int | None:
    """Returns the id of a row that a text from outside names, or None: ASCII digits alone, and no more than fit.

    0 is the id of no row; an empty list names it as its newest.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else -1
    return number if 0 <= number <= BIGGEST_ID else None


class Reader:
    """Reads a form field by field, and gathers what cannot be taken."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}  # By field: a sentence.

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """Read a field; None where it cannot be taken."""
        try:
            return reader(self.typed.get(name, ""))
        except ValueError as wrong:
            self.errors[name] = str(wrong)
            return None


def line(longest: int, empty: str) -> Callable[[str], str]:
    """A reader of one line that must not be empty."""

    def read(text: str) -> str:
        kept = one_line(text)
        if not kept:
            raise ValueError(empty)
        if len(kept) > longest:
            raise ValueError(f"Keep it within {longest} characters; this has {len(kept)}.")
        return kept

    return read


def number(least: int, most: int) -> Callable[[str], int]:
    """A reader of a whole number."""

    def read(text: str) -> int:
        plain = text.strip()
        if not (plain.isascii() and plain.isdecimal() and len(plain) <= 9 and least <= int(plain) <= most):
            raise ValueError(f"Enter a whole number from {least} to {most:,}.")
        return int(plain)

    return read


def amount(of: str) -> Callable[[str], Decimal]:
    """A reader of an amount in a currency; what is typed beside it must say the same currency, or none.

    Its reader raises:
        ValueError: it cannot be read for certain, is below zero, or another currency stands beside it.
    """

    # Of three decimals and more, a form must take what it shows itself: "12.345" dinars.
    mark = "." if decimals(of) > USUAL else ""

    def read(text: str) -> Decimal:
        found = read_amount(text, decimal_mark=mark, currency=of)
        if of and not found.is_of(of):
            raise ValueError(f"This is to be in {of}, and another currency stands beside the amount.")
        if found.value < 0:
            raise ValueError("An amount is not below zero: write it without a minus.")
        return found.value

    return read


def currency(text: str) -> str:
    """Read the code of a currency."""
    code = text.strip().upper()
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError("Enter the three letters of the currency, such as EUR.")
    if not is_currency(code):
        raise ValueError(f"{code} is no currency that can be paid in. Enter its three letters, such as EUR.")
    return code
