"""Reading what a clerk types of a payment: each field's error is a sentence that says what is expected."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from webapp.errors import Invalid
from webapp.services.parsing import fields
from webapp.services.parsing.fields import one_line

LONGEST = {"method": 40, "reference": 100}
METHODS = ("Bank transfer", "Card", "Cash", "PayPal")  # Offered; another may be typed.
_MISSING = {
    "method": "Say how it was paid, such as Card or Cash.",
    "reference": "Enter what tells this payment from others: a receipt's number, or the payer's own words.",
}


@dataclass(frozen=True)
class Typed:
    """A payment as it can be recorded."""

    method: str
    amount: Decimal
    reference: str


def read(form: Mapping[str, str], currency: str) -> Typed:
    """Read a payment of a booking that is to be paid in this currency.

    Raises:
        Invalid: some fields cannot be taken; all of them are named.
    """
    errors: dict[str, str] = {}
    lines = {name: one_line(form.get(name, "")) for name in LONGEST}
    for name, longest in LONGEST.items():
        if not lines[name]:
            errors[name] = _MISSING[name]
        elif len(lines[name]) > longest:
            errors[name] = f"Keep this within {longest} characters."
    amount = Decimal(0)
    try:
        amount = fields.amount(currency)(form.get("amount", ""))
        if not amount:
            errors["amount"] = "A payment is more than 0."
    except ValueError as unreadable:
        errors["amount"] = str(unreadable)
    if errors:
        raise Invalid(fields={name: errors[name] for name in ("method", "amount", "reference") if name in errors})
    return Typed(lines["method"], amount, lines["reference"])
