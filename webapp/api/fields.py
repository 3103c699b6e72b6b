"""The kinds of fields that bodies have. Each reader's error is a sentence that says what is expected."""

import base64
import binascii
import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from webapp.money import is_currency
from webapp.services.parsing import contact, fields
from webapp.services.parsing import text as texts

LONGEST_ADDRESS = 254
_REFERENCE = re.compile(r"[A-Za-z0-9-]{1,40}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_AMOUNT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,4})?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?([Zz]|[+-]\d\d:?\d\d)", re.ASCII)


def one_line(text: str) -> str:
    """Read a text as one line, as every form does.

    Raises:
        ValueError: it holds a NUL character, which no database takes.
    """
    if "\x00" in text:
        raise ValueError("A NUL character cannot be taken.")
    return texts.one_line(text)


def _line(text: str) -> str:
    folded = one_line(text)
    if not folded:
        raise ValueError("This must not be empty.")
    return folded


def is_reference(text: str) -> bool:
    """Whether a booking could have this reference."""
    return _REFERENCE.fullmatch(text) is not None


def _reference(text: str) -> str:
    if not is_reference(text):
        raise ValueError("Use 1 to 40 letters A-Z, a-z, digits and hyphens.")
    return text


class ReadPhone(str):
    """A number in E.164 that knows how it was typed."""

    __slots__ = ("typed",)

    typed: str


def _phone(text: str) -> str:
    kept = ReadPhone(contact.read_phone(text).e164)
    kept.typed = text
    return kept


def _email(text: str) -> str:
    address = contact.read_email(text)
    if len(address) > LONGEST_ADDRESS:  # Lower case may be longer than what was typed.
        raise ValueError(f"An e-mail address has at most {LONGEST_ADDRESS} characters.")
    return address


def _language(text: str) -> str:
    if not _LANGUAGE.fullmatch(text) or len(text) > 10:
        raise ValueError("Use a language tag such as en or pt-BR.")
    return text


def _currency(text: str) -> str:
    if not re.fullmatch("[A-Z]{3}", text):
        raise ValueError("Use the three capital letters of ISO 4217, such as EUR.")
    if not is_currency(text):
        raise ValueError(f"{text} is no currency of ISO 4217 that can be paid in.")
    return text


def _amount(value: object) -> Decimal:
    # A JSON number would be read as binary floating point, which has no exact cents.
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise ValueError('Use text with at most 9 digits and the decimals of its currency, such as "120.00".')
    return Decimal(value)


def _more_than_nothing(amount: Decimal) -> Decimal:
    if not amount:
        raise ValueError("A payment is more than 0.")
    return amount


def _moment(value: object) -> datetime:
    expected = "Use ISO 8601 with an offset, such as 2026-03-01T18:00:00+01:00, of the years 2000 to 2199."
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError(expected)
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as impossible:
        raise ValueError(expected) from impossible
    if not 2000 <= moment.year < 2200:
        raise ValueError(expected)
    return moment


def cursor_after(message_id: int) -> str:
    """The opaque place in a list after this row."""
    return base64.urlsafe_b64encode(str(message_id).encode()).decode().rstrip("=")


def read_cursor(value: str | None) -> int | None:
    """The row that a cursor stands after."""
    if value is None:
        return None
    try:
        text = base64.b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=True).decode()
    except (ValueError, binascii.Error) as odd:
        raise ValueError(_ODD_CURSOR) from odd
    if not fields.row_id(text):
        raise ValueError(_ODD_CURSOR)
    return int(text)


_ODD_CURSOR = "Use the value of next from the page before."


Name = Annotated[str, StringConstraints(max_length=200), AfterValidator(_line)]
Method = Annotated[str, StringConstraints(max_length=40), AfterValidator(_line)]
BankReference = Annotated[str, StringConstraints(max_length=100), AfterValidator(_line)]
Reason = Annotated[str, StringConstraints(max_length=500), AfterValidator(one_line)]
Reference = Annotated[str, AfterValidator(_reference)]
Phone = Annotated[str, StringConstraints(max_length=60), AfterValidator(_phone)]
Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(_email)]
Language = Annotated[str, AfterValidator(_language)]
Currency = Annotated[str, AfterValidator(_currency)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Paid = Annotated[Decimal, AfterValidator(_more_than_nothing), BeforeValidator(_amount)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Id = Annotated[int, Field(ge=1, le=fields.BIGGEST_ID)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
