"""The kinds of fields that bodies have. Each reader's error is a sentence that says what is expected."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from webapp.services.parsing import contact, days, fields
from webapp.services.parsing import text as texts

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


def _line(longest: int) -> Callable[[str], str]:
    read = fields.line(longest, "This must not be empty.")
    return lambda text: read(one_line(text))


class ReadPhone(str):
    """A number in E.164 that knows how it was typed."""

    __slots__ = ("typed",)

    typed: str


def _phone(text: str) -> str:
    kept = ReadPhone(contact.read_phone(text).e164)
    kept.typed = text
    return kept


def _amount(value: object) -> Decimal:
    # A JSON number would be read as binary floating point, which has no exact cents.
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise ValueError('Use text with at most 9 digits and the decimals of its currency, such as "120.00".')
    return Decimal(value)


def _moment(value: object) -> datetime:
    expected = "Use ISO 8601 with an offset, such as 2026-03-01T18:00:00+01:00, of the years 2000 to 2199."
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise ValueError(expected)
    try:
        moment = datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(expected) from error
    if not days.is_possible_year(moment.year):
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
    except (ValueError, binascii.Error) as error:
        raise ValueError(_ODD_CURSOR) from error
    if not fields.row_id(text):
        raise ValueError(_ODD_CURSOR)
    return int(text)


_ODD_CURSOR = "Use the value of next from the page before."


Name = Annotated[str, AfterValidator(_line(200))]
Method = Annotated[str, AfterValidator(_line(40))]
BankReference = Annotated[str, AfterValidator(_line(100))]
Reason = Annotated[str, StringConstraints(max_length=500), AfterValidator(one_line)]
Reference = Annotated[str, AfterValidator(fields.reference)]
Phone = Annotated[str, AfterValidator(_phone)]
Email = Annotated[str, AfterValidator(fields.email)]
Language = Annotated[str, AfterValidator(fields.language)]
Currency = Annotated[str, AfterValidator(fields.currency)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Paid = Annotated[Decimal, AfterValidator(fields.above_zero), BeforeValidator(_amount)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Guests = Annotated[int, Field(ge=1, le=fields.MOST_GUESTS)]
Id = Annotated[int, Field(ge=1, le=fields.BIGGEST_ID)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1)]
