"""A made-up booking, used for previews and test messages."""

from datetime import timedelta
from decimal import Decimal

from webapp import clock
from webapp.models import Event
from webapp.services.texts import rendering
from webapp.settings import current

REFERENCE = "BK-2391"
# The texts of these events tell a reason; the example has one, so that the part that depends on it is seen.
WITH_A_REASON = (Event.BOOKING_DECLINED, Event.BOOKING_CANCELLED, Event.PAYMENT_REJECTED, Event.PAYMENT_REVERSED)


def values(event: Event, language: str = rendering.FALLBACK, *, reference: str = REFERENCE) -> dict[str, str]:
    """Returns a value for each placeholder that a text of this event may use. Its payment is the first of two."""
    starts = (clock.now() + timedelta(days=5)).replace(minute=30)
    every = {
        "name": "Amelia Hart",
        "reference": reference,
        "service": "Sunset harbour cruise",
        "when": rendering.when(starts, language),
        "party_size": "4",
        "amount": rendering.money_of(Decimal(128), "GBP", language),
        "payment_amount": rendering.money_of(Decimal(50), "GBP", language),
        "still_due": rendering.money_of(Decimal(78), "GBP", language),
        "overpaid": "",
        rendering.ZERO: rendering.money_of(Decimal(0), "GBP", language),
        "reason": "The boat is under repair." if event in WITH_A_REASON else "",
        "business": current().business_name,
    }
    return {name: every[name] for name in (*rendering.known(event), rendering.ZERO)}
