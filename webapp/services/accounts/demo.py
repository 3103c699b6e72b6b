"""Demo staff and bookings for an empty database, in every state, behind a week of their past.

Demo guests only ever use the sandbox; their numbers are fictional (555-01xx) or Twilio's magic ones.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count, islice

from sqlalchemy import Select, delete, exists, or_, select, update

from webapp.database import changed, read_now, writing
from webapp.extensions import db
from webapp.models import (
    Action,
    Attempt,
    Audit,
    BatchRow,
    Booking,
    BookingStatus,
    HourTally,
    Message,
    Note,
    Payment,
    PaymentState,
    Receipt,
    Reply,
    Role,
    SandboxMessage,
    TextVersion,
    Upload,
    User,
)
from webapp.services import audit, bookings
from webapp.services.accounts import demo_week, sign_in
from webapp.services.accounts.demo_week import STARTS, hour_of_day
from webapp.services.audit import BELLHOP
from webapp.services.bookings import NewBooking
from webapp.services.figures import hours
from webapp.settings import current

PASSWORD = "bellhop-demo"  # noqa: S105  # Refused wherever a real provider is set.
STAFF = (
    ("desk@bellhop.example", "Rosa Silva", Role.FRONT_DESK),
    ("manager@bellhop.example", "Martin Keller", Role.MANAGER),
    ("admin@bellhop.example", "Aisha Bello", Role.ADMIN),
)
GUESTS = (
    "Amelia Hart", "Mateo Alvarez", "Nguyễn Thị Mai", "Zoë Brännström", "Oluwaseun Adeyemi", "Priya Raghunathan",
    "Jonas Weber", "محمد الفارسي", "Chloé Dubois", "Takumi Sato", "Fatima Zahra El Idrissi", "Liam O’Connor",
    "Anastasia Volkova", "Kwame Boateng", "Sofia Rossi", "Isla MacDonald", "Arjun Mehta", "Elena Petrova",
    "Lucas Ferreira", "דנה לוי", "Hannah Schmidt", "Diego Torres", "Mei-Ling Chen", "Noah Williams", "Ayşe Yılmaz",
    "Björn Þórsson", "Grace Okafor", "Ivan Horvat", "Leila Haddad", "Thomas Bernard", "Yuki Tanaka", "Emma Nilsen",
    "Carlos Mendoza", "Ngozi Eze", "Peter van der Berg", "Sara Lindqvist", "Omar Farouk", "Julia Kowalska",
    "Rahul Sharma", "Bartholomew Featherstonehaugh-Cholmondeley",
)  # fmt: skip
SERVICES = (
    ("Sunset harbour cruise", 64),
    ("Private charter", 240),
    ("Whale watching", 185),
    ("Old town walk", 24),
    ("Reef snorkel, half day", 96),
    ("Kayak mangrove tour", 78),
)
# These show failures: Twilio's magic numbers, and mailboxes that the sandbox refuses.
TROUBLE = {7: ("+15005550001", None), 13: ("+15005550009", "bounce@guests.example"), 21: ("+15005550004", None)}
COMING = 34  # So many of them start after now.
# Of the payments that wait to be verified, one is half of what is due and one is more than that.
HALF, TOO_MUCH = (9, 19, 29), {15: Decimal(20)}
METHODS = ("Bank transfer", "Card", "Cash", "PayPal")


def is_empty() -> bool:
    """Returns whether the database has no users and no bookings yet."""
    people_or_bookings = (exists().select_from(User), exists().select_from(Booking))
    return not any(db.session.scalars(select(found)).one() for found in people_or_bookings)


def logins() -> list[User]:
    """Returns the demo staff who may sign in, the desk first."""
    emails = [email for email, _, _ in STAFF]
    known = select(User).where(User.is_demo, User.is_enabled, User.email.in_(emails)).order_by(User.id)
    return list(db.session.scalars(known))


def seed() -> None:
    """Add demo staff, a past week, and 40 bookings with the work that is left."""
    for email, name, role in STAFF:
        if sign_in.by_email(email) is None:
            sign_in.add(email, name=name, role=role, password=PASSWORD, is_demo=True)
    dice = random.Random(7)  # noqa: S311  # The same house at every start.
    desk = sign_in.by_email(STAFF[0][0])
    by = audit.person(desk) if desk else BELLHOP
    with writing():
        if db.session.scalar(select(Booking.id).where(Booking.is_demo).limit(1)) is None:
            moment = read_now()
            demo_week.add(SERVICES, by=by, moment=moment)
            for number, (name, starts_at) in enumerate(zip(GUESTS, _starts(moment), strict=False)):
                _booking(number, name, starts_at, dice)


def _starts(moment: datetime) -> Iterator[datetime]:
    """Yield the start of each booking: the next free ones from now on, and then some of the days before."""
    coming = (hour_of_day(moment, day, hour) for day in range(9) for hour in STARTS)
    yield from islice((start for start in coming if start > moment + timedelta(hours=1)), COMING)
    yield from (hour_of_day(moment, -day, 11) for day in count(1))


def _booking(number: int, name: str, starts_at: datetime, dice: random.Random) -> None:
    service, price = SERVICES[number % len(SERVICES)]
    party = dice.randint(1, 6)
    phone, email = TROUBLE.get(number, (f"+1415555{100 + number:04d}", None))
    booking = bookings.add(
        NewBooking(
            name=name,
            service=service,
            party_size=party,
            amount=Decimal(price * party),
            currency="USD",
            starts_at=starts_at,
            reference=f"BK-{2391 - number}",
            phone=phone,
            email=email or f"guest{number}@guests.example",
            is_demo=True,
        )
    )
    booking.status = _status(number)
    audit.record(Action.BOOKING_CREATED, by=BELLHOP, booking_id=booking.id)
    _payments(booking, number, dice)


def _status(number: int) -> BookingStatus:
    if number >= COMING:
        return BookingStatus.NO_SHOW if number == 36 else BookingStatus.COMPLETED
    if number % 11 == 10:
        return BookingStatus.CANCELLED
    return BookingStatus.CONFIRMED if number % 5 == 3 else BookingStatus.PENDING


def _payments(booking: Booking, number: int, dice: random.Random) -> None:
    kind = number % 4
    if kind == 0 or booking.status is BookingStatus.CANCELLED:
        return
    state = {1: PaymentState.SUBMITTED, 2: PaymentState.VERIFIED, 3: PaymentState.SUBMITTED}[kind]
    if number % 9 == 5:
        state = PaymentState.REJECTED
    share = 2 if number in HALF else 1
    db.session.add(
        Payment(
            booking_id=booking.id,
            method=METHODS[number % 4],
            amount=booking.amount / share + TOO_MUCH.get(number, 0),
            status=state,
            reference=f"{booking.reference}-{dice.randint(1000, 9999)}",
        )
    )


def clear() -> int:
    """Remove demo staff, and demo bookings with all their rows. Returns the number of bookings."""
    with writing():
        demo = select(Booking.id).where(Booking.is_demo)
        messages = select(Message.id).where(Message.booking_id.in_(demo))
        attempts = select(Attempt.id).where(Attempt.message_id.in_(messages))
        tokens = select(Attempt.token).where(Attempt.message_id.in_(messages))
        staff = select(User.id).where(User.is_demo)
        _forget_figures(messages)
        for table, condition in (
            (SandboxMessage, SandboxMessage.token.in_(tokens)),
            (Receipt, Receipt.attempt_id.in_(attempts)),
            (Attempt, Attempt.message_id.in_(messages)),
            (BatchRow, BatchRow.message_id.in_(messages)),
            (Message, Message.booking_id.in_(demo)),
            (Audit, Audit.booking_id.in_(demo)),
            (Note, Note.booking_id.in_(demo)),
            (Reply, or_(Reply.booking_id.in_(demo), Reply.provider_id.startswith(demo_week.OF_REPLIES))),
            (Payment, Payment.booking_id.in_(demo)),
        ):
            db.session.execute(delete(table).where(condition).execution_options(synchronize_session=False))
        cleared = changed(delete(Booking).where(Booking.is_demo))
        # What demo staff did stays on record, under their names.
        for rows in (Audit, Note, TextVersion, Upload):
            nameless = update(rows).where(rows.user_id.in_(staff)).values(user_id=None)
            db.session.execute(nameless.execution_options(synchronize_session=False))
        db.session.execute(delete(User).where(User.is_demo))
    return cleared


def _forget_figures(messages: Select[int]) -> None:
    """Delete the hourly figures that count these messages: a worker counts the hours afresh."""
    zone = current().zone
    due = db.session.scalars(select(Message.first_due_at).where(Message.id.in_(messages)))
    counted = {hours.hour_of(moment, zone) for moment in due if moment}
    db.session.execute(delete(HourTally).where(HourTally.hour.in_(counted)))
