"""Rows in bulk, of guests that nobody else writes to; inside an app's context."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select

from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, ChannelName, Event, Guest, Message, MessageStatus, phone_tail

_numbers = itertools.count(1)


def bookings(count: int, *, phones: str, status: BookingStatus = BookingStatus.PENDING) -> list[dict[str, Any]]:
    """Take bookings of new guests, each reached by SMS on a number that begins as `phones` says."""
    with writing():
        moment = db.session.scalars(select(now())).one()
        first = (db.session.scalar(select(func.max(Guest.id))) or 0) + 1
        made = []
        for number in itertools.islice(_numbers, count):
            phone = f"{phones}{number:07d}"
            made.append({
                "reference": f"BENCH-{number}", "guest_id": first + len(made), "name": "Amelia Hart",
                "name_key": "amelia hart", "phone": phone, "phone_tail": phone_tail(phone), "language": "en",
                "channels": [ChannelName.SMS], "service": "Harbour cruise", "starts_at": moment + timedelta(days=7),
                "amount": Decimal("120.00"), "currency": "GBP", "status": status,
            })  # fmt: skip
        guests = [{"id": row["guest_id"], "phone": row["phone"], "next_seq": 2} for row in made]
        db.session.execute(insert(Guest), guests)
        db.session.execute(insert(Booking), made)
        if db.engine.dialect.name == "postgresql":
            db.session.execute(select(func.setval("guest_id_seq", first + count)))
    return made


def due_messages(count: int, *, phones: str) -> list[int]:
    """Make that many guests with one SMS each, due now; their ids. Nobody has rung for them."""
    made = bookings(count, phones=phones, status=BookingStatus.CONFIRMED)
    with writing():
        moment = db.session.scalars(select(now())).one()
        messages = [{
            "guest_id": row["guest_id"], "seq": 1, "event": Event.BOOKING_CONFIRMED, "channel": ChannelName.SMS,
            "language": "en", "to": row["phone"], "reference": row["reference"], "status": MessageStatus.WAITING,
            "body": f"Your booking {row['reference']} is confirmed.", "due_at": moment,
            "expires_at": moment + timedelta(hours=6),
        } for row in made]  # fmt: skip
        db.session.execute(insert(Message), messages)
    return [row["guest_id"] for row in made]
