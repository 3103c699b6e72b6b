"""Reading the form of a payment; each field's error is a sentence that says what to write."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from webapp.errors import Invalid
from webapp.i18n import N_, gettext
from webapp.services.parsing import fields
from webapp.services.parsing.fields import Reader

CASH = N_("Cash")
METHODS = (N_("Bank transfer"), N_("Card"), CASH, N_("PayPal"))  # Suggestions; another method may be typed.


@dataclass(frozen=True)
class Typed:
    """A payment that can be recorded."""

    method: str
    amount: Decimal
    reference: str


def read(form: Mapping[str, str], currency: str) -> Typed:
    """Read the form of a payment in the currency of its booking.

    Raises:
        Invalid: with a sentence for each field that has an error.
    """
    reader = Reader(form)
    method = reader.read("method", fields.line(40, gettext("Say how it was paid, such as Card or Cash.")))
    amount = reader.read("amount", lambda text: fields.above_zero(fields.amount(currency)(text)))
    reference = reader.read("reference", _reference(optional=is_cash(method or "")))
    if method is None or amount is None or reference is None:
        raise Invalid(fields=reader.errors)
    return Typed(method, amount, reference)


def is_cash(method: str) -> bool:
    """Returns whether a payment was made in cash, in English or in the language of the reader."""
    return method.casefold() in (CASH.casefold(), gettext(CASH).casefold())


def _reference(*, optional: bool) -> Callable[[str], str]:
    read = fields.line(100, gettext("Enter the number of the receipt, or the text of the payer."))
    return lambda text: read(text) if text.strip() or not optional else ""
