"""The demo's past week: bookings, what staff did with them, and what became of each message.

Each act is written as the services write it, and then moved to its time: no clock but the database's makes a row, and
nothing of the past may be sent. Whoever arrives today and tomorrow was confirmed in this week.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus, ChannelName, Note, Payment, PaymentState, Reply
from webapp.services import audit, bookings
from webapp.services.accounts import demo_messages
from webapp.services.audit import BELLHOP, Actor
from webapp.services.bookings import NewBooking
from webapp.services.texts import Paid
from webapp.settings import current

DAYS = 7
SETTLED = timedelta(minutes=10)  # What was done before that has ended: nothing is left for a worker.
# Hours of the business's day: when the desk acts, and when bookings start.
ACTS = (8.6, 9.3, 10.2, 11.1, 12.0, 13.4, 14.3, 15.2, 16.1, 16.9)
STARTS = (9, 10.5, 12, 14, 15.5, 17.5)
STRANGER = "+442079460123"
NOTE = "Asked for a seat in the shade. Comes with a pushchair."
OF_REPLIES = "demo-"  # The beginning of their ids, by which `clear` finds one without a booking.
GUESTS = (
    "Beatriz Santos", "Ahmed Hassan", "Clara Vogel", "Siobhán Byrne", "Kenji Watanabe", "Marta Kowalczyk",
    "Thandiwe Dlamini", "Erik Johansson", "Nadia Rahman", "Paolo Conti", "İpek Demir", "Lê Văn Minh",
    "Charlotte Moreau", "Ravi Patel", "Ingrid Halvorsen", "Samuel Mensah", "Olga Smirnova", "Pedro Ramírez",
    "Hye-jin Park", "Daniel Cohen", "Agnieszka Nowak", "Tariq Mahmood", "Josephine Carter", "Matthias Huber",
    "Ana Popović", "Wei Zhang", "Florence Adjei", "Luis Hernández", "Katja Lehtonen", "Yusuf Öztürk",
    "Margaret O’Neill", "Stefan Ionescu", "Amara Nwosu", "Victor Dupont", "Sinéad Walsh", "Giulia Ferrari",
    "Hassan Karimi", "Emilia Korhonen", "João Pereira", "Noa Shapiro", "Rosalind Achebe", "Bilal Chaudhry",
    "Petra Novotná", "Nils Andersen", "Valentina Cruz", "George Papadopoulos", "Aroha Ngata", "Simone Lambert",
)  # fmt: skip
# Addresses that the sandbox refuses: an e-mail that does not arrive beside a text that does, no WhatsApp, and a guest
# who arrives today and whom nothing reached.
NOT_REACHED = 54
ADDRESSES: dict[int, tuple[str, str | None]] = {
    9: ("+16285550109", "full@guests.example"),
    20: ("+15005550010", "week20@guests.example"),
    36: ("+16285550136", "spam@guests.example"),
    NOT_REACHED: ("+15005550002", None),
}


@dataclass
class Life:
    """A booking of the week with its steps, and the dice that decide on what is left to chance."""

    number: int
    new: NewBooking
    by: Actor
    dice: random.Random
    booking: Booking = field(init=False)
    payment: Payment = field(init=False)


Step = Callable[[Life, datetime], None]


def add(services: Sequence[tuple[str, int]], *, by: Actor, moment: datetime) -> None:
    """Add the week before `moment` inside the current write transaction; `by` did what was done."""
    dice = random.Random(11)  # noqa: S311  # The same week at every start.
    lives = [_life(number, services, by, dice, moment) for number in range(DAYS * len(ACTS))]
    steps = [(at, life, step) for life in lives for at, step in _steps(life, moment) if at < moment - SETTLED]
    for at, life, step in sorted(steps, key=lambda one: (one[0], one[1].number)):  # Ids grow with time.
        step(life, at)
    _words([life for life in lives if hasattr(life, "booking")], by, moment)


def hour_of_day(moment: datetime, day: int, hour: float) -> datetime:
    """Returns an hour of a day in the business's time zone; day 0 is today."""
    zone = current().zone
    midnight = datetime.combine(moment.astimezone(zone).date() + timedelta(days=day), time(), zone)
    return (midnight + timedelta(hours=hour)).astimezone(UTC)


def _life(number: int, services: Sequence[tuple[str, int]], by: Actor, dice: random.Random, moment: datetime) -> Life:
    service, price = services[dice.randrange(len(services))]
    party = dice.randint(1, 5)
    day, slot = divmod(number, len(ACTS))
    who = number % len(GUESTS)  # Some come twice.
    phone, email = ADDRESSES.get(number, (f"+1628555{100 + who:04d}", f"week{who}@guests.example"))
    new = NewBooking(
        name=GUESTS[who],
        service=service,
        party_size=party,
        amount=Decimal(price * party),
        currency="USD",
        # Half of them start on the day after their confirmation, half a day later.
        starts_at=hour_of_day(moment, day - DAYS + 2 + slot % 2, STARTS[(slot + day) % len(STARTS)]),
        reference=f"BK-{2280 + number}",
        phone=phone,
        email=email,
        is_demo=True,
    )
    return Life(number, new, by, dice)


def _steps(life: Life, moment: datetime) -> Iterator[tuple[datetime, Step]]:
    """Yield what happened to a booking, and when."""
    number, (day, slot) = life.number, divmod(life.number, len(ACTS))
    done = hour_of_day(moment, day - DAYS + 1, ACTS[slot]) + timedelta(minutes=life.dice.randint(0, 35))
    yield done - timedelta(hours=life.dice.randint(2, 16)), _book
    if number % 13 == 12:
        yield done, _decline
        return
    yield done, _confirm
    if number % 3:
        yield done + timedelta(minutes=12), _pay
        yield done + timedelta(minutes=35), _verify
    if number % 17 == 11:
        yield done + timedelta(hours=3), _cancel
        return
    if life.new.starts_at < hour_of_day(moment, 0, 0):  # Who arrives today stays on the list of today.
        yield life.new.starts_at + timedelta(hours=3), _miss if number % 16 == 5 else _complete


def _book(life: Life, at: datetime) -> None:
    life.booking = bookings.add(life.new)
    life.booking.created_at = at
    _record(life, Action.BOOKING_CREATED, at, by=BELLHOP)


def _confirm(life: Life, at: datetime) -> None:
    _move(life, BookingStatus.CONFIRMED, Action.BOOKING_CONFIRMED, at)


def _decline(life: Life, at: datetime) -> None:
    _move(life, BookingStatus.DECLINED, Action.BOOKING_DECLINED, at, "The boat is full on that day.")


def _cancel(life: Life, at: datetime) -> None:
    _move(life, BookingStatus.CANCELLED, Action.BOOKING_CANCELLED, at, "The guest asked for it.")


def _complete(life: Life, at: datetime) -> None:
    _move(life, BookingStatus.COMPLETED, Action.BOOKING_COMPLETED, at)


def _miss(life: Life, at: datetime) -> None:
    _move(life, BookingStatus.NO_SHOW, Action.BOOKING_NO_SHOW, at)


def _pay(life: Life, at: datetime) -> None:
    life.payment = Payment(
        booking_id=life.booking.id,
        method="Card" if life.number % 2 else "Bank transfer",
        amount=life.new.amount,
        reference=f"{life.new.reference}-{life.dice.randint(1000, 9999)}",
        created_at=at,
    )
    db.session.add(life.payment)
    db.session.flush()
    life.booking.version += 1
    _record(life, Action.PAYMENT_SUBMITTED, at, by=BELLHOP, payment_id=life.payment.id)


def _verify(life: Life, at: datetime) -> None:
    payment, life.booking.version = life.payment, life.booking.version + 1
    payment.status, payment.decided_at = PaymentState.VERIFIED, at
    facts: dict[str, Any] = {"before": PaymentState.SUBMITTED, "reason": "", "version": life.booking.version}
    act = _record(life, Action.PAYMENT_VERIFIED, at, payment_id=payment.id, **facts)
    demo_messages.tell(life.booking, act, at, life.dice, paid=Paid(payment.amount, Decimal(0)))


def _move(life: Life, to: BookingStatus, action: Action, at: datetime, reason: str = "") -> None:
    booking = life.booking
    before, booking.status, booking.version = booking.status, to, booking.version + 1
    act = _record(life, action, at, before=before, reason=reason, version=booking.version)
    demo_messages.tell(life.booking, act, at, life.dice, reason=reason)


def _record(life: Life, action: Action, at: datetime, *, by: Actor | None = None, **detail: Any) -> Audit:
    act = audit.record(action, by=by or life.by, booking_id=life.booking.id, **detail)
    act.at = at
    return act


def _words(lives: Sequence[Life], by: Actor, moment: datetime) -> None:
    """Add what people wrote: a guest who arrives, somebody whom nobody knows, and a note of the desk."""
    arriving = [life for life in lives if life.booking.status is BookingStatus.CONFIRMED]
    arriving.sort(key=lambda life: (life.new.starts_at < moment, life.new.starts_at))
    guest, noted = arriving[0].booking, arriving[1].booking
    phone = next(channel for channel in ChannelName if channel.address_field == "phone")
    unknown = "Hello, do you still have room on the whale watching tomorrow? Two adults and a child."
    for number, (sender, body, booking_id) in enumerate(
        ((guest.phone, "We are running half an hour late. Will you wait for us?", guest.id), (STRANGER, unknown, None))
    ):
        reply = Reply(
            provider_id=f"{OF_REPLIES}{number}",
            channel=phone,
            sender=sender or "",
            body=body,
            booking_id=booking_id,
            at=moment - timedelta(minutes=25 - 14 * number),
        )
        db.session.add(reply)
    note = Note(booking_id=noted.id, user_id=by.user_id, author=by.name, text=NOTE, at=moment - timedelta(minutes=9))
    db.session.add(note)
    db.session.flush()
    audit.record(Action.NOTE_ADDED, by=by, booking_id=noted.id, note=note.id).at = note.at
