"""Proposes the price of a new booking from what its service has cost lately."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from webapp import money
from webapp.extensions import db
from webapp.models import Booking

LATELY = 50  # So many of the service's latest starts are looked at.


@dataclass(frozen=True)
class Price:
    """What a booking of a service usually costs."""

    amount: Decimal
    each: Decimal | None  # By guest; None if the price does not depend on their number.
    currency: str
    guests: int


def usual(service: str, guests: int, currency: str) -> Price | None:
    """Returns the usual price of a service for so many guests, or None if it is not known.

    Whether a price is by guest is what most of the service's bookings agree on.
    """
    newest = select(Booking.amount, Booking.party_size).where(Booking.service == service, Booking.currency == currency)
    rows = db.session.execute(newest.order_by(Booking.starts_at.desc(), Booking.id.desc()).limit(LATELY)).all()
    priced = [(amount, size) for amount, size in rows if amount > 0]
    if not priced:
        return None
    # Of equally many the first one, which is the newest.
    (each, agree), *_ = Counter(amount / size for amount, size in priced).most_common(1)
    (whole, agree_whole), *_ = Counter(amount for amount, _ in priced).most_common(1)
    if agree_whole > agree:
        return Price(whole, None, currency, guests)
    try:
        return Price(money.check(each * guests, currency), money.check(each, currency), currency, guests)
    except ValueError:  # A third of a price has no last decimal.
        return None
