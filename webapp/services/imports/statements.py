"""Recording lines of a bank statement that a clerk has confirmed: each in a transaction of its own."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from webapp import money
from webapp.database import changed, now, outcome
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import Action, Booking, Event, Payment, PaymentState, Upload
from webapp.services import bookings, messages, payments
from webapp.services.audit import Actor
from webapp.services.bookings import Seen
from webapp.services.imports import statement_lines, statement_matching
from webapp.services.imports.statement_lines import METHOD, Line
from webapp.services.imports.statement_matching import Fit, Match
from webapp.services.texts import Paid

ALREADY = "it was recorded before."
CHANGED = "the booking has changed since this page was shown. Look at the line again."


@dataclass(frozen=True)
class Done:
    """What became of one confirmed line."""

    line: Line
    reference: str  # Of the booking.
    refusal: str = ""


def confirm(upload: Upload, tokens: Iterable[str], *, by: Actor) -> list[Done]:
    """Record the lines that these tokens name, one by one; a line that was recorded before stays as it is."""
    asked = {number: (booking_id, version) for number, booking_id, version in filter(None, map(_read, tokens))}
    upload_id, lines = upload.id, [line for line in statement_lines.read(upload) if line.number in asked]
    with outcome.of_many():
        return [_record(upload_id, seen, *asked[seen.line.number], by) for seen in statement_matching.match(lines)]


def confirm_by_hand(upload: Upload, number: int, reference: str, *, by: Actor) -> Done:
    """Record one line for the booking that a clerk names, where the line does not name it, or something is doubtful.

    Raises:
        NotFound: there is no such line, or no such booking.
    """
    line = next((line for line in statement_lines.read(upload) if line.number == number), None)
    if line is None:
        raise NotFound(f"This file has no line {number}.")
    booking = bookings.find(reference)
    (seen,) = statement_matching.match([line])
    if seen.fit is Fit.RECORDED:
        return Done(line, seen.booking.reference if seen.booking else "", ALREADY)
    if refusal := _why_not(seen, booking):
        return Done(line, booking.reference, refusal)
    try:
        _receive(upload.id, booking.id, booking.version, line, replace(by, form_key=line.key))
    except Conflict as conflict:
        return Done(line, booking.reference, conflict.sentence)
    return Done(line, booking.reference)


def _why_not(seen: Match, booking: Booking) -> str:
    """Why a line may not be recorded for a booking, even by hand; empty where it may."""
    if not seen.may_choose and not seen.may_confirm:
        return seen.line.wrong or seen.why_not or "no money came in by this line."
    if not seen.line.is_of(booking.currency):
        return f"{booking.reference} is to be paid in {booking.currency}, and this line is in another currency."
    return "" if booking.may_be_paid else f"{booking.reference} is {booking.status}: no payment is taken for it."


def _read(token: str) -> tuple[int, int, int] | None:
    """The line, the booking and its version that a token names; None where it is none."""
    parts = token.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def _record(upload_id: int, seen: Match, booking_id: int, version: int, by: Actor) -> Done:
    """One line. Somebody who was first, or a booking that has gone on, refuses only this one."""
    reference = seen.booking.reference if seen.booking else ""
    if seen.fit is Fit.RECORDED:
        return Done(seen.line, reference)
    if seen.booking is None or not seen.may_confirm or seen.booking.id != booking_id:
        return Done(seen.line, reference, CHANGED)
    try:
        _receive(upload_id, booking_id, version, seen.line, replace(by, form_key=seen.line.key))
    except Conflict as refusal:
        return Done(seen.line, reference, refusal.sentence)
    return Done(seen.line, reference)


def _receive(upload_id: int, booking_id: int, version: int, line: Line, by: Actor) -> None:
    """Verify the payment that waits for this money, or a new one, and tell the guest.

    The line itself is the key of the act: whoever confirms it twice, in this file or another, finds it done.

    Raises:
        Outrun: the booking is of another version.
        Conflict: the amount has more decimals than the booking's currency.
    """
    booking, received = db.session.get_one(Booking, booking_id), line.amount or Decimal(0)
    try:
        money.check(received, booking.currency)
    except ValueError as finer:
        raise Conflict(str(finer)) from finer
    letters = messages.prepare(booking, Event.PAYMENT_VERIFIED, paid=Paid(received, booking.due - received))

    def change(seen: Seen) -> dict[str, Any]:
        bookings.touch(booking, seen)
        payment = statement_matching.submitted(booking, line) or _new(booking, line)
        payments.move(booking, payment.id, PaymentState.SUBMITTED, PaymentState.VERIFIED, "")
        first = update(Upload).where(Upload.id == upload_id, Upload.accepted_at.is_(None))
        changed(first.values(accepted_at=now()))
        of_line = {"line": line.reference, "upload": upload_id}
        return {"payment_id": payment.id, "before": PaymentState.SUBMITTED, "reason": "", **of_line}

    bookings.perform(booking, Action.PAYMENT_VERIFIED, change, by=by, expected_version=version, letters=letters)


def _new(booking: Booking, line: Line) -> Payment:
    """A payment that nobody has submitted; its reference is the line's, so that the line is known again."""
    payment = Payment(
        booking_id=booking.id,
        method=METHOD,
        amount=line.amount,
        reference=line.reference,
        status=PaymentState.SUBMITTED,
    )
    db.session.add(payment)
    db.session.flush()
    return payment
