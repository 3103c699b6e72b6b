"""Which booking each line of a bank statement pays, as far as can be told; nothing is written here."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock, money
from webapp.extensions import db
from webapp.models import STEPS, Audit, Booking, Payment, PaymentState
from webapp.models.types import Money
from webapp.services.imports import reference_matching
from webapp.services.imports.statement_lines import Line

# A booking that began longer ago is not guessed by its amount alone.
LOOK_BACK = timedelta(days=30)


class Fit(StrEnum):
    """How a line stands to the bookings, in the order in which a clerk goes through them."""

    EXACT = "exact"
    DIFFERS = "differs"
    WEAK = "weak"
    NONE = "none"
    ASK = "ask"
    CURRENCY = "currency"
    NOT_FINAL = "not_final"
    RECORDED = "recorded"
    OUT = "out"
    WRONG = "wrong"


@dataclass(frozen=True)
class Match:
    """A line, the booking that it seems to pay, and the payment that it would verify or was recorded as."""

    line: Line
    fit: Fit
    booking: Booking | None = None
    payment: Payment | None = None
    due: Decimal = Decimal(0)
    why_not: str = ""  # What keeps a line from being recorded for this booking by one click.

    @property
    def may_confirm(self) -> bool:
        return self.fit in (Fit.EXACT, Fit.DIFFERS, Fit.WEAK)

    @property
    def may_choose(self) -> bool:
        """Whether a clerk may name the booking by hand: money came in, and nothing says that it went back."""
        return self.fit in (Fit.ASK, Fit.NONE, Fit.WEAK, Fit.DIFFERS) and not self.is_of_another_payment

    @property
    def is_of_another_payment(self) -> bool:
        """Whether the line's bank number was recorded before, with another amount."""
        return self.fit is Fit.ASK and self.payment is not None and self.payment.amount != self.line.amount

    @property
    def too_much(self) -> Decimal:
        """By how much the line exceeds what is due; below 0 where it is less."""
        return (self.line.amount or Decimal(0)) - self.due

    @property
    def token(self) -> str:
        """What a form says of the line: its number, and the booking in the version that was seen."""
        return f"{self.line.number}.{self.booking.id}.{self.booking.version}" if self.booking else ""


def match(lines: Sequence[Line]) -> list[Match]:
    """See all lines; the queries are as many for one line as for hundreds."""
    recorded = _recorded(lines)
    open_lines = [line for line in lines if line.number not in recorded and _came_in(line)]
    named = reference_matching.find([line.mentions for line in open_lines])
    by_line = {line.number: ids for line, ids in zip(open_lines, named, strict=True)}
    bookings = _bookings({booking_id for ids in named for booking_id in ids})
    paid: defaultdict[int, Decimal] = defaultdict(Decimal)  # By lines above, if they are confirmed.
    found = {}
    for line in lines:
        if line.number in recorded:
            found[line.number] = _as_recorded(line, recorded[line.number])
        elif by_line.get(line.number):
            found[line.number] = _by_reference(line, [bookings[b] for b in by_line[line.number]], paid)
    rest = [line for line in open_lines if line.number not in found and not line.doubt]
    found |= {one.line.number: one for one in _by_amount(rest, set(bookings))}
    return [found.get(line.number) or _without_booking(line) for line in lines]


def _came_in(line: Line) -> bool:
    """Whether money came in, as far as the line says."""
    return line.amount is not None and line.amount > 0 and not line.wrong and not line.not_final


def _without_booking(line: Line) -> Match:
    if line.wrong:
        return Match(line, Fit.WRONG)
    if not line.amount or line.amount < 0:
        return Match(line, Fit.OUT)
    if line.not_final:
        return Match(line, Fit.NOT_FINAL, why_not=line.not_final)
    return Match(line, Fit.ASK, why_not=line.doubt) if line.doubt else Match(line, Fit.NONE)


def _recorded(lines: Sequence[Line]) -> dict[int, Payment]:
    """The payments that lines were recorded as, in this file or another; by the line's number."""
    readable = [line for line in lines if not line.wrong]
    by_key = {key: line for line in readable for key in line.keys}
    acts = select(Audit.form_key, Audit.payment_id).where(Audit.form_key.in_(by_key), Audit.payment_id.is_not(None))
    by_payment = {payment_id: by_key[key or ""].number for key, payment_id in db.session.execute(acts)}
    references = {line.reference: line for line in readable}
    same = (Payment.id.in_(by_payment)) | (
        Payment.reference.in_(references) & (Payment.status != PaymentState.SUBMITTED)
    )
    found = {}
    for payment in db.session.scalars(select(Payment).where(same).options(joinedload(Payment.booking))):
        line = references.get(payment.reference)
        if payment.id in by_payment:
            found[by_payment[payment.id]] = payment
        elif line and line.amount == payment.amount:
            found.setdefault(line.number, payment)
    return found


def _as_recorded(line: Line, payment: Payment) -> Match:
    """A line that is recorded; one of another amount under the same bank's number is for a person to see."""
    if line.amount is None or line.amount == payment.amount:
        return Match(line, Fit.RECORDED, payment.booking, payment)
    before = money.shown(payment.amount, payment.booking.currency)
    why = f"The bank’s number {line.code} was recorded before, with {before}. If that was wrong, reverse it first."
    return Match(line, Fit.ASK, payment.booking, payment, why_not=why)


def _bookings(ids: Iterable[int]) -> dict[int, Booking]:
    wanted = select(Booking).where(Booking.id.in_(set(ids))).options(selectinload(Booking.payments))
    return {booking.id: booking for booking in db.session.scalars(wanted)}


def _by_reference(line: Line, named: Sequence[Booking], paid: defaultdict[int, Decimal]) -> Match:
    if len(named) > 1:
        both = " and ".join(booking.reference for booking in named[:3])
        return Match(line, Fit.NONE, why_not=f"It names {both}. Record it by hand where it belongs.")
    (booking,) = named
    due = booking.due - paid[booking.id]
    if not booking.may_be_paid:
        return Match(line, Fit.NONE, booking, due=due, why_not=f"It is {booking.status}: no payment is taken for it.")
    if not line.is_of(booking.currency):
        other = line.currency or " or ".join(sorted(line.currencies)[:3])
        why = f"It is to be paid in {booking.currency}, and this line is in {other}."
        return Match(line, Fit.CURRENCY, booking, due=due, why_not=why)
    if line.doubt:
        return Match(line, Fit.ASK, booking, submitted(booking, line), due, line.doubt)
    fit = Fit.EXACT if line.amount == due else Fit.DIFFERS
    if fit is Fit.EXACT:
        paid[booking.id] += due
    return Match(line, fit, booking, submitted(booking, line), due)


def submitted(booking: Booking, line: Line) -> Payment | None:
    """The payment that a line proves: one that waits to be verified, of the very amount."""
    waiting = (p for p in booking.payments if p.may_become(PaymentState.VERIFIED) and p.amount == line.amount)
    # Of several, the one whose reference the line repeats.
    return min(waiting, key=lambda p: (p.reference.lower() not in line.text.lower(), p.id), default=None)


def _by_amount(lines: Sequence[Line], taken: set[int]) -> list[Match]:
    """Lines that name nothing, where exactly one booking waits for the amount."""
    waiting = _waiting({line.amount for line in lines if line.amount is not None})
    single = {line.number: _only(line, waiting, taken) for line in lines}
    bookings = _bookings(booking_id for booking_id in single.values() if booking_id)
    found = []
    for line in lines:
        if (booking_id := single[line.number]) is not None:
            booking = bookings[booking_id]
            found.append(Match(line, Fit.WEAK, booking, submitted(booking, line), booking.due))
    return found


def _only(line: Line, waiting: Sequence[tuple[int, Decimal, str]], taken: set[int]) -> int | None:
    fitting = [
        booking_id
        for booking_id, due, currency in waiting
        if due == line.amount and booking_id not in taken and line.is_of(currency)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _waiting(amounts: set[Decimal]) -> list[tuple[int, Decimal, str]]:
    """The open bookings of now and later on which one of these amounts is due: id, what is due, currency."""
    verified = (
        select(func.coalesce(func.sum(Payment.amount), 0))
        .where(Payment.booking_id == Booking.id, Payment.status == PaymentState.VERIFIED)
        .correlate(Booking)
        .scalar_subquery()
    )
    due = type_coerce(Booking.amount - verified, Money)
    wanted = select(Booking.id, due, Booking.currency).where(
        Booking.status.in_(STEPS), Booking.starts_at >= clock.now() - LOOK_BACK, due.in_(amounts)
    )
    return [(booking_id, owed, currency) for booking_id, owed, currency in db.session.execute(wanted)]
