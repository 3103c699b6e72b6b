"""Reading the form of a payment; each field's error is a sentence that says what to write."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from webapp.errors import Invalid
from webapp.i18n import N_, gettext
from webapp.services.parsing import fields
from webapp.services.parsing.fields import Reader

METHODS = (N_("Bank transfer"), N_("Card"), N_("Cash"), N_("PayPal"))  # Suggestions; another method may be typed.


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
    missing = gettext("Enter the number of the receipt, or the text of the payer.")
    reference = reader.read("reference", fields.line(100, missing))
    if method is None or amount is None or reference is None:
        raise Invalid(fields=reader.errors)
    return Typed(method, amount, reference)
