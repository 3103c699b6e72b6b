"""A made-up booking, used for previews and test messages."""

from datetime import timedelta
from decimal import Decimal

from webapp import clock
from webapp.models import Booking, Event
from webapp.services.texts import rendering

REFERENCE = "BK-2391"
# The texts of these events tell a reason; the example has one, so that the part that depends on it is seen.
WITH_A_REASON = (Event.BOOKING_DECLINED, Event.BOOKING_CANCELLED, Event.PAYMENT_REJECTED, Event.PAYMENT_REVERSED)


def values(event: Event, language: str = rendering.FALLBACK, *, reference: str = REFERENCE) -> dict[str, str]:
    """Returns a value for each placeholder that a text of this event may use. Its payment is the first of two."""
    booking = Booking(
        name="Amelia Hart", reference=reference, service="Sunset harbour cruise", party_size=4,
        starts_at=(clock.now() + timedelta(days=5)).replace(minute=30), amount=Decimal(128), currency="GBP",
    )  # fmt: skip
    reason = "The boat is under repair." if event in WITH_A_REASON else ""
    every = rendering.facts(booking, language, reason=reason, paid=rendering.Paid(Decimal(50), due=Decimal(78)))
    return {name: every[name] for name in (*rendering.known(event), rendering.ZERO)}
