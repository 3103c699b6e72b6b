"""Rows for tests: keyword factories with defaults that are enough."""

import itertools
import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from webapp.database import read_now, writing
from webapp.extensions import db
from webapp.models import (
    Attempt,
    AttemptOutcome,
    Booking,
    BookingStatus,
    ChannelName,
    Event,
    Guest,
    Message,
    MessageStatus,
    Payment,
    PaymentState,
    Reply,
    Role,
    User,
)
from webapp.services import bookings
from webapp.services.accounts import sign_in
from webapp.services.bookings import NewBooking

_numbers = itertools.count(1)
AREAS = ("415", "628", "510", "925", "408")  # Of ten thousand numbers each: one process makes many bookings.
PASSWORD = "correct horse"


def a_booking(status: BookingStatus = BookingStatus.PENDING, **given: Any) -> Booking:
    """A booking in a week, of a guest with a phone and an e-mail of their own."""
    number = next(_numbers)
    starts = given.pop("starts_in", timedelta(days=7))
    with writing():
        moment = read_now()
        facts: dict[str, Any] = {
            "name": "Amelia Hart", "service": "Harbour cruise", "starts_at": moment + starts,
            "amount": Decimal("120.00"), "currency": "GBP", "reference": f"BK-{1000 + number}",
            "phone": f"+1{AREAS[number // 10_000]}555{number % 10_000:04d}", "email": f"guest{number}@guests.example",
        }  # fmt: skip
        booking = bookings.add(NewBooking(**(facts | given)))
        booking.status = status
    return booking


def a_payment(booking: Booking, status: PaymentState = PaymentState.SUBMITTED, **given: Any) -> Payment:
    """A payment of the whole amount."""
    with writing():
        facts = {"method": "Card", "amount": booking.amount, "reference": f"P-{next(_numbers)}"} | given
        payment = Payment(booking_id=booking.id, status=status, **facts)
        db.session.add(payment)
    return payment


def a_message(booking: Booking | None = None, **given: Any) -> Message:
    """An SMS that confirms a booking, waiting and due now."""
    booking = booking or a_booking(BookingStatus.CONFIRMED)
    with writing():
        moment = read_now()
        channel = given.pop("channel", ChannelName.SMS)
        due = moment + given.pop("due_in", timedelta())
        expires = moment + given.pop("expires_in", timedelta(hours=6))
        facts: dict[str, Any] = {
            "guest_id": booking.guest_id, "booking_id": booking.id, "event": Event.BOOKING_CONFIRMED,
            "channel": channel, "language": "en", "to": booking.address(channel), "reference": booking.reference,
            "body": f"Your booking {booking.reference} is confirmed.", "status": MessageStatus.WAITING,
            "due_at": due, "first_due_at": due, "expires_at": expires,
            "mail_id": f"<{secrets.token_hex(8)}@desk.example>",
        }  # fmt: skip
        message = Message(**(facts | given))
        add_numbered(message)
    return message


def add_numbered(message: Message) -> None:
    """Add a message with its guest's next number, inside a write block."""
    guest = db.session.get_one(Guest, message.guest_id, with_for_update=True, populate_existing=True)
    message.seq, guest.next_seq = guest.next_seq, guest.next_seq + 1
    db.session.add(message)


def an_attempt(message: Message, **given: Any) -> Attempt:
    """An attempt of a message, its newest, accepted."""
    with writing():
        token = given.pop("token", secrets.token_hex(16))
        message.attempts_made += 1
        message.token = token
        facts: dict[str, Any] = {
            "number": message.attempts_made, "provider": "twilio", "outcome": AttemptOutcome.ACCEPTED,
            "provider_id": f"SM{secrets.token_hex(16)}",
        }  # fmt: skip
        attempt = Attempt(message_id=message.id, token=token, **(facts | given))
        db.session.add(attempt)
    return attempt


def a_user(role: Role = Role.FRONT_DESK, **given: Any) -> User:
    """Somebody who may sign in with PASSWORD."""
    facts = {"email": f"staff{next(_numbers)}@desk.example", "name": "Rosa Silva"} | given
    return sign_in.add(facts.pop("email"), role=role, password=PASSWORD, **facts)


def a_reply(booking: Booking | None = None, **given: Any) -> Reply:
    """An SMS of a guest that nobody has dealt with."""
    with writing():
        facts: dict[str, Any] = {
            "provider_id": f"SM{secrets.token_hex(16)}", "channel": ChannelName.SMS,
            "sender": booking.phone if booking else "+14155550199",
            "body": "Can we come an hour later?", "booking_id": booking.id if booking else None,
        }  # fmt: skip
        reply = Reply(**(facts | given))
        db.session.add(reply)
    return reply
