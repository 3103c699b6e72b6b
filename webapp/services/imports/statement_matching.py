"""Finds the booking that each line of a bank statement pays; nothing is written here."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import func, select, type_coerce
from sqlalchemy.orm import joinedload, selectinload

from webapp import clock, i18n, words
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import EXPECTED, Audit, Booking, Payment, PaymentState
from webapp.models.types import Money
from webapp.services import payments
from webapp.services.imports import name_matching, reference_matching
from webapp.services.imports.name_matching import LOOK_BACK
from webapp.services.imports.statement_lines import StatementLine


class Fit(StrEnum):
    """How a line fits the bookings, in the order in which a clerk checks them."""

    EXACT = "exact"
    DIFFERS = "differs"
    NAME = "name"
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
    """A line, the booking that it seems to pay, and the payment that it would verify, or that was recorded for it."""

    line: StatementLine
    fit: Fit
    booking: Booking | None = None
    payment: Payment | None = None
    due: Decimal = Decimal(0)
    why_not: str = ""  # Why one click cannot record the line for this booking.

    @property
    def may_confirm(self) -> bool:
        return self.fit in (Fit.EXACT, Fit.DIFFERS, Fit.NAME, Fit.WEAK)

    @property
    def may_choose(self) -> bool:
        """Whether a clerk may choose the booking: money came in, and nothing says that it went back."""
        return self.fit in (Fit.ASK, Fit.NONE, Fit.WEAK, Fit.NAME, Fit.DIFFERS) and not self.is_of_another_payment

    @property
    def is_of_another_payment(self) -> bool:
        """Whether the line's bank number was recorded before, with another amount."""
        return self.fit is Fit.ASK and self.payment is not None and self.payment.amount != self.line.amount

    @property
    def too_much(self) -> Decimal:
        """The line's amount minus the amount due; below 0 if it is less."""
        return (self.line.amount or Decimal(0)) - self.due

    @property
    def token(self) -> str:
        """The value in a form: the line's number, and the booking in the version that was seen."""
        return f"{self.line.number}.{self.booking.id}.{self.booking.version}" if self.booking else ""


def match(lines: Sequence[StatementLine]) -> list[Match]:
    """Returns a match for each line. The number of queries does not depend on the number of lines."""
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
    by_name = _by_name(rest, paid)
    found |= by_name
    taken = set(bookings) | {one.booking.id for one in by_name.values() if one.booking}
    found |= {one.line.number: one for one in _by_amount([one for one in rest if one.number not in found], taken)}
    return [found.get(line.number) or _without_booking(line) for line in lines]


def _came_in(line: StatementLine) -> bool:
    """Returns whether money came in, as far as the line says."""
    return line.amount is not None and line.amount > 0 and not line.wrong and not line.not_final


def _without_booking(line: StatementLine) -> Match:
    if line.wrong:
        return Match(line, Fit.WRONG)
    if not line.amount or line.amount < 0:
        return Match(line, Fit.OUT)
    if line.not_final:
        return Match(line, Fit.NOT_FINAL, why_not=line.not_final)
    return Match(line, Fit.ASK, why_not=line.doubt) if line.doubt else Match(line, Fit.NONE)


def _recorded(lines: Sequence[StatementLine]) -> dict[int, Payment]:
    """Returns the payments that were recorded for lines of this file or another, by the line's number."""
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


def _as_recorded(line: StatementLine, payment: Payment) -> Match:
    """Returns the match of a recorded line. With another amount under the same bank's number a person must check it."""
    if line.amount is None or line.amount == payment.amount:
        return Match(line, Fit.RECORDED, payment.booking, payment)
    before = i18n.amount(payment.amount, payment.booking.currency)
    why = gettext(
        "The bank’s number %(code)s was recorded before, with %(amount)s. If that was wrong, reverse it first.",
        code=line.code,
        amount=before,
    )
    return Match(line, Fit.ASK, payment.booking, payment, why_not=why)


def _bookings(ids: Iterable[int]) -> dict[int, Booking]:
    query = select(Booking).where(Booking.id.in_(set(ids))).options(selectinload(Booking.payments))
    return {booking.id: booking for booking in db.session.scalars(query)}


def _by_reference(line: StatementLine, named: Sequence[Booking], paid: defaultdict[int, Decimal]) -> Match:
    if len(named) > 1:
        references = ", ".join(booking.reference for booking in named[:3])
        why = gettext("It names several bookings: %(references)s. Choose the right one.", references=references)
        return Match(line, Fit.NONE, why_not=why)
    (booking,) = named
    due = booking.due - paid[booking.id]
    if not booking.may_be_paid:
        state = words.BOOKING[booking.status].label
        why = gettext("This booking accepts no payment: %(state)s.", state=state)
        return Match(line, Fit.NONE, booking, due=due, why_not=why)
    if not line.is_of(booking.currency):
        other = line.currency or "/".join(sorted(line.currencies)[:3])
        why = gettext(
            "The booking is in %(currency)s, and this line is in %(other)s.", currency=booking.currency, other=other
        )
        return Match(line, Fit.CURRENCY, booking, due=due, why_not=why)
    if line.doubt:
        return Match(line, Fit.ASK, booking, _waiting_payment(booking, line), due, line.doubt)
    fit = Fit.EXACT if line.amount == due else Fit.DIFFERS
    if fit is Fit.EXACT:
        paid[booking.id] += due
    return Match(line, fit, booking, _waiting_payment(booking, line), due)


def _waiting_payment(booking: Booking, line: StatementLine) -> Payment | None:
    """Returns the payment that waits for the money of a line."""
    return payments.waiting(booking, line.amount or Decimal(0), line.text)


def _by_name(lines: Sequence[StatementLine], paid: Mapping[int, Decimal]) -> dict[int, Match]:
    """Returns matches for lines that name no booking and one guest with something due; a person must tick each."""
    named = name_matching.find([line.mentions for line in lines])
    bookings = _bookings({booking_id for ids in named for booking_id in ids})
    found = {}
    for line, ids in zip(lines, named, strict=True):
        owing = [bookings[b] for b in ids if bookings[b].due > paid.get(b, 0) and line.is_of(bookings[b].currency)]
        fitting = [booking for booking in owing if booking.due - paid.get(booking.id, 0) == line.amount]
        if len(owing) > 1 and len(fitting) != 1:
            references = ", ".join(booking.reference for booking in owing[:3])
            why = gettext(
                "Its guest has several bookings: %(references)s. Choose the right one.", references=references
            )
            found[line.number] = Match(line, Fit.NONE, why_not=why)
        elif owing:
            booking = fitting[0] if fitting else owing[0]
            due = booking.due - paid.get(booking.id, Decimal(0))
            found[line.number] = Match(line, Fit.NAME, booking, _waiting_payment(booking, line), due)
    return found


def _by_amount(lines: Sequence[StatementLine], taken: set[int]) -> list[Match]:
    """Returns matches for lines that name no booking, if exactly one booking waits for the amount."""
    due_now = _bookings_due({line.amount for line in lines if line.amount is not None})
    single = {line.number: _only(line, due_now, taken) for line in lines}
    bookings = _bookings(booking_id for booking_id in single.values() if booking_id)
    found = []
    for line in lines:
        if (booking_id := single[line.number]) is not None:
            booking = bookings[booking_id]
            found.append(Match(line, Fit.WEAK, booking, _waiting_payment(booking, line), booking.due))
    return found


def _only(line: StatementLine, due_now: Sequence[tuple[int, Decimal, str]], taken: set[int]) -> int | None:
    fitting = [
        booking_id
        for booking_id, due, currency in due_now
        if due == line.amount and booking_id not in taken and line.is_of(currency)
    ]
    return fitting[0] if len(fitting) == 1 else None


def _bookings_due(amounts: set[Decimal]) -> list[tuple[int, Decimal, str]]:
    """Returns the recent and future open bookings with one of these amounts due: id, amount due, currency."""
    verified = (
        select(func.coalesce(func.sum(Payment.amount), 0))
        .where(Payment.booking_id == Booking.id, Payment.status == PaymentState.VERIFIED)
        .correlate(Booking)
        .scalar_subquery()
    )
    due = type_coerce(Booking.amount - verified, Money)
    query = select(Booking.id, due, Booking.currency).where(
        Booking.status.in_(EXPECTED), Booking.starts_at >= clock.now() - LOOK_BACK, due.in_(amounts)
    )
    return [(booking_id, owed, currency) for booking_id, owed, currency in db.session.execute(query)]
