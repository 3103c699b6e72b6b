"""The kinds of text that programs, people and files give us: each is read here, whichever way it came in.

A reader returns the value, or raises ValueError with a sentence that says what to write. Spaces around a text and the
case of its letters are not its business: a form and a file drop them first, a program writes the value as it is kept.
"""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeVar

from email_validator import EmailNotValidError, validate_email

from webapp.i18n import N_, gettext, number
from webapp.money import USUAL, decimals, is_currency
from webapp.services.parsing.money import read_amount
from webapp.services.parsing.text import one_line, too_long, without_invisible

T = TypeVar("T")
MOST_GUESTS = 1_000
LONGEST_EMAIL = 254
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,40}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?")
BIGGEST_ID = 2**63 - 1  # The largest number that a column holds.


def row_id(text: str) -> int | None:
    """Returns the id that a text names, or None if it is not one: only ASCII digits, and no more than fit.

    0 is accepted, though no row has it: an empty list names it as its newest.
    """
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 19 else -1
    return number if 0 <= number <= BIGGEST_ID else None


class Reader:
    """Reads a form field by field and collects the errors."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, str] = {}  # By field: a sentence.

    def read(self, name: str, reader: Callable[[str], T]) -> T | None:
        """Returns the value of a field; None if it has an error."""
        try:
            return reader(self.typed.get(name, ""))
        except ValueError as error:
            self.errors[name] = str(error)
            return None


def line(longest: int, empty: str) -> Callable[[str], str]:
    """Returns a reader of one line that must not be empty."""

    def read(text: str) -> str:
        kept = one_line(text)
        if not kept:
            raise ValueError(empty)
        if len(kept) > longest:
            raise ValueError(too_long(longest, len(kept)))
        return kept

    return read


def guests(text: str) -> int:
    """Read the number of guests."""
    plain = text.strip()
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= 9 and 1 <= int(plain) <= MOST_GUESTS):
        raise ValueError(gettext("Guests: enter a number from 1 to %(most)s.", most=number(MOST_GUESTS)))
    return int(plain)


def amount(currency: str, decimal_mark: str | None = None) -> Callable[[str], Decimal]:
    """Returns a reader of an amount in a currency; `decimal_mark` is that of its column, "" where nothing tells.

    Its reader raises:
        ValueError: the amount can be read in two ways, is below zero, or names another currency.
    """
    if decimal_mark is None:  # A form must read what it shows itself: "12.345" dinars.
        decimal_mark = "." if decimals(currency) > USUAL else ""

    def read(text: str) -> Decimal:
        found = read_amount(text, decimal_mark=decimal_mark, currency=currency)
        if currency and not found.is_of(currency):
            raise ValueError(gettext("Enter the amount in %(currency)s: it names another currency.", currency=currency))
        if found.value < 0:
            raise ValueError(gettext("An amount is not below zero: write it without a minus."))
        return found.value

    return read


def above_zero(amount: Decimal) -> Decimal:
    """Returns the amount of a payment.

    Raises:
        ValueError: it is 0.
    """
    if not amount:
        raise ValueError(gettext("The amount must be more than 0."))
    return amount


def currency(code: str) -> str:
    """Read the code of a currency."""
    if not re.fullmatch("[A-Z]{3}", code):
        raise ValueError(gettext("Use the three letters of a currency, such as EUR."))
    if not is_currency(code):
        raise ValueError(gettext("%(code)s is no currency of ISO 4217 that can be paid in.", code=code))
    return code


def email(typed: str) -> str:
    """Read an e-mail address and return it in lower case, without `mailto:`, a name before it or marks behind it.

    Raises:
        ValueError: it is malformed or too long, or there are two.
    """
    expected = gettext("Enter an e-mail address such as name@example.com.")
    bare = without_invisible(typed).replace("＠", "@").replace("．", ".").strip().strip("'\"`")
    bare = re.sub(r"(?i)^mailto:([^?]*).*$", r"\1", bare)
    inside = re.fullmatch(r"[^<>@]*<\s*([^<>\s]+)\s*>[\s.,;]*", bare)
    address = (inside[1] if inside else bare).strip(" \t\r\n.,;<>")
    if address.count("@") > 1 and '"' not in address:
        is_one = re.search(r"[\s,;/|]", address) is None
        wrong = N_("This address has two @ signs.") if is_one else N_("There are two addresses here. Enter one.")
        raise ValueError(f"{gettext(wrong)} {expected}")
    try:
        normal = validate_email(address, check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise ValueError(f"{expected} {error}") from error
    if len(normal) > LONGEST_EMAIL:  # Lower case may be longer than what was typed.
        raise ValueError(gettext("An e-mail address has at most %(most)s characters.", most=LONGEST_EMAIL))
    return normal


def language(tag: str) -> str:
    """Read the tag of a language, such as pt-BR."""
    if not _LANGUAGE.fullmatch(tag) or len(tag) > 10:
        raise ValueError(gettext("Use a language tag such as en or pt-BR."))
    return tag


def is_reference(text: str) -> bool:
    """Whether a booking can have this reference."""
    return _REFERENCE.fullmatch(text) is not None


def reference(text: str) -> str:
    """Read the reference of a booking."""
    if not is_reference(text):
        raise ValueError(gettext("Use 1 to 40 letters A-Z, a-z, digits and hyphens."))
    return text
