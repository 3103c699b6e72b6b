"""Reading the form of a payment; each field's error is a sentence that says what to write."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from webapp.errors import Invalid
from webapp.services.parsing import fields
from webapp.services.parsing.fields import Reader

METHODS = ("Bank transfer", "Card", "Cash", "PayPal")  # Suggestions; another method may be typed.
NO_METHOD = "Say how it was paid, such as Card or Cash."
NO_REFERENCE = "Enter what tells this payment from others: a receipt's number, or the payer's own words."


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
    method = reader.read("method", fields.line(40, NO_METHOD))
    amount = reader.read("amount", lambda text: fields.above_zero(fields.amount(currency)(text)))
    reference = reader.read("reference", fields.line(100, NO_REFERENCE))
    if method is None or amount is None or reference is None:
        raise Invalid(fields=reader.errors)
    return Typed(method, amount, reference)
