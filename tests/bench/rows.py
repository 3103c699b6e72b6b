"""Rows in bulk, of guests that nobody else writes to; inside an app's context."""

import itertools
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, text

from webapp.database import read_now, writing
from webapp.extensions import db
from webapp.models import (
    Booking,
    BookingStatus,
    ChannelName,
    Event,
    Guest,
    Message,
    MessageStatus,
    Payment,
    PaymentState,
    SearchTerm,
    phone_tail,
)
from webapp.models.bookings.search_term import terms
from webapp.services.accounts.demo import GUESTS

_numbers = itertools.count(1)
BATCH = 1_000  # Their terms are some 12,000 rows of one statement, which must end in time.
DAYS_BACK, DAYS_AHEAD = 365, 60
SERVICES = ("Harbour cruise", "Private charter", "Whale watching", "Old town walk", "Reef snorkel", "Kayak tour")
RARE = "Lantern festival"  # Of ten bookings in all.
FIRST_NAMES, LAST_NAMES = ([name.split()[at] for name in GUESTS] for at in (0, -1))


def bookings(count: int, *, phones: str, status: BookingStatus = BookingStatus.PENDING) -> list[dict[str, Any]]:
    """Take bookings of new guests, each reached by SMS on a number that begins as `phones` says."""
    with writing():
        moment = read_now()
        first = (db.session.scalar(select(func.max(Guest.id))) or 0) + 1
        made = []
        for number in itertools.islice(_numbers, count):
            phone = f"{phones}{number:07d}"
            made.append({
                "reference": f"BENCH-{number}", "guest_id": first + len(made), "name": "Amelia Hart",
                "phone": phone, "phone_tail": phone_tail(phone), "language": "en",
                "channels": [ChannelName.SMS], "service": "Harbour cruise", "starts_at": moment + timedelta(days=7),
                "amount": Decimal("120.00"), "currency": "GBP", "status": status,
            })  # fmt: skip
        guests = [{"id": row["guest_id"], "phone": row["phone"], "next_seq": 2} for row in made]
        db.session.execute(insert(Guest), guests)
        db.session.execute(insert(Booking), made)
        write_search_terms()
        if db.engine.dialect.name == "postgresql":
            db.session.execute(select(func.setval("guest_id_seq", first + count)))
    return made


def due_messages(count: int, *, phones: str) -> list[int]:
    """Make that many guests with one SMS each, due now; their ids. Nobody has rung for them."""
    made = bookings(count, phones=phones, status=BookingStatus.CONFIRMED)
    with writing():
        moment = read_now()
        messages = [{
            "guest_id": row["guest_id"], "seq": 1, "event": Event.BOOKING_CONFIRMED, "channel": ChannelName.SMS,
            "language": "en", "to": row["phone"], "reference": row["reference"], "status": MessageStatus.WAITING,
            "body": f"Your booking {row['reference']} is confirmed.", "due_at": moment,
            "expires_at": moment + timedelta(hours=6),
        } for row in made]  # fmt: skip
        db.session.execute(insert(Message), messages)
    return [row["guest_id"] for row in made]


def a_year_of_bookings(count: int) -> None:
    """Bookings from a year back to two months ahead, in the order in which they were taken, with their messages.

    Most are past and completed; of those to come a third waits to be confirmed. One in 50 of the payments waits to be
    verified, and one message in 500 failed.
    """
    dice = random.Random(7)
    with writing():
        moment = read_now()
    for first in range(0, count, BATCH):
        numbers = range(first + 1, min(first + BATCH, count) + 1)
        made = [_a_years_booking(number, count, moment, dice) for number in numbers]
        with writing():
            db.session.execute(insert(Guest), [{"id": r["id"], "phone": r["phone"], "next_seq": 2} for r in made])
            db.session.execute(insert(Booking), made)
            db.session.execute(insert(Payment), [_payment(r, dice) for r in made if r["id"] % 2])
            write_search_terms()
            db.session.execute(insert(Message), [_message(r, moment, dice) for r in made if r["id"] % 3])
    if db.engine.dialect.name == "postgresql":
        with writing():
            for table in ("guest", "booking"):
                db.session.execute(select(func.setval(f"{table}_id_seq", count + 1)))
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # As autovacuum does soon after.


def write_search_terms() -> None:
    """Write what bookings are found by that were added in bulk; inside a transaction."""
    newest = select(func.coalesce(func.max(SearchTerm.booking_id), 0)).scalar_subquery()
    made = db.session.execute(
        select(Booking.id, Booking.name, Booking.reference, Booking.email, Booking.phone).where(Booking.id > newest)
    ).all()
    paid = db.session.execute(select(Payment.booking_id, Payment.reference).where(Payment.booking_id > newest)).all()
    references = {row.id: [row.reference] for row in made}
    for booking_id, reference in paid:
        references[booking_id].append(reference)
    found = [
        {"booking_id": row.id, "term": term}
        for row in made
        for term in terms(row.name, references[row.id], row.email, row.phone)
    ]
    db.session.execute(insert(SearchTerm), found)


def _a_years_booking(number: int, count: int, moment: datetime, dice: random.Random) -> dict[str, Any]:
    days = -DAYS_BACK + (DAYS_BACK + DAYS_AHEAD) * number / count + dice.uniform(-10, 10)
    past = (BookingStatus.COMPLETED,) * 17 + (BookingStatus.CANCELLED, BookingStatus.DECLINED, BookingStatus.CONFIRMED)
    status = dice.choice(past if days < 0 else (BookingStatus.PENDING, *(BookingStatus.CONFIRMED,) * 2))
    if number % (count // 100) == 0:
        status = BookingStatus.NO_SHOW
    name, phone = f"{dice.choice(FIRST_NAMES)} {dice.choice(LAST_NAMES)}", f"+1415{number:07d}"
    return {
        "id": number, "reference": f"LIST-{number}", "guest_id": number, "name": name,
        "phone": phone, "phone_tail": phone_tail(phone), "email": f"guest{number}@guests.example", "language": "en",
        "service": RARE if number % (count // 10) == 0 else dice.choice(SERVICES), "status": status,
        "starts_at": moment + timedelta(days=days), "amount": Decimal(dice.randint(20, 400)), "currency": "GBP",
    }  # fmt: skip


def _payment(row: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    state = PaymentState.SUBMITTED if dice.random() < 0.02 else PaymentState.VERIFIED
    return {"booking_id": row["id"], "method": "Card", "amount": row["amount"], "reference": f"P-{row['id']}",
            "status": state}  # fmt: skip


def _message(row: dict[str, Any], moment: datetime, dice: random.Random) -> dict[str, Any]:
    status = MessageStatus.FAILED if dice.random() < 0.002 else MessageStatus.DELIVERED
    return {
        "guest_id": row["guest_id"], "seq": 1, "booking_id": row["id"], "event": Event.BOOKING_CONFIRMED,
        "channel": ChannelName.SMS, "language": "en", "to": row["phone"], "reference": row["reference"],
        "body": f"Your booking {row['reference']} is confirmed.", "status": status, "due_at": moment,
        "expires_at": moment + timedelta(hours=6),
    }  # fmt: skip
