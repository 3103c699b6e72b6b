"""Records lines of a bank statement that a clerk has confirmed, each in its own transaction."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import update

from webapp import words
from webapp.database import changed, now, outcome
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import Booking, PaymentState, Upload
from webapp.services import bookings, payments
from webapp.services.audit import Actor
from webapp.services.imports import statement_lines, statement_matching
from webapp.services.imports.statement_lines import METHOD, StatementLine
from webapp.services.imports.statement_matching import Fit, Match

ALREADY = N_("It was recorded before.")


@dataclass(frozen=True)
class Done:
    """The result of one confirmed line."""

    line: StatementLine
    reference: str  # Of the booking.
    refusal: str = ""


def confirm(upload: Upload, tokens: Iterable[str], *, by: Actor) -> list[Done]:
    """Record the lines that these tokens name, one by one. A line that was recorded before stays as it is."""
    asked = {number: (booking_id, version) for number, booking_id, version in filter(None, map(_read, tokens))}
    upload_id, lines = upload.id, [line for line in statement_lines.read(upload) if line.number in asked]
    with outcome.of_many():
        return [_record(upload_id, seen, *asked[seen.line.number], by) for seen in statement_matching.match(lines)]


def confirm_by_hand(upload: Upload, number: int, reference: str, *, by: Actor) -> Done:
    """Record one line for the booking that a clerk chose.

    Raises:
        NotFound: there is no such line, or no such booking.
    """
    line = next((line for line in statement_lines.read(upload) if line.number == number), None)
    if line is None:
        raise NotFound(gettext("This file has no line %(number)s.", number=number))
    booking = bookings.find(reference)
    (seen,) = statement_matching.match([line])
    if seen.fit is Fit.RECORDED:
        return Done(line, seen.booking.reference if seen.booking else "", gettext(ALREADY))
    if refusal := _why_not(seen, booking):
        return Done(line, booking.reference, refusal)
    try:
        _receive(upload.id, booking.id, booking.version, line, replace(by, form_key=line.key))
    except Conflict as error:
        return Done(line, booking.reference, error.sentence)
    return Done(line, booking.reference)


def _why_not(seen: Match, booking: Booking) -> str:
    """Returns why a line may not be recorded for a booking; empty if it may."""
    if not seen.may_choose and not seen.may_confirm:
        return seen.line.wrong or seen.why_not or gettext("No money came in by this line.")
    if not seen.line.is_of(booking.currency):
        reference, currency = booking.reference, booking.currency
        return gettext(
            "%(reference)s is in %(currency)s, and this line is not.", reference=reference, currency=currency
        )
    if booking.may_be_paid:
        return ""
    state = words.BOOKING[booking.status].label
    return gettext("%(reference)s accepts no payment: %(state)s.", reference=booking.reference, state=state)


def _read(token: str) -> tuple[int, int, int] | None:
    """Returns the line, the booking and its version that a token names; None if it is no token."""
    parts = token.split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        return None
    return int(parts[0]), int(parts[1]), int(parts[2])


def _record(upload_id: int, seen: Match, booking_id: int, version: int, by: Actor) -> Done:
    """Record one line. If somebody was first, or the booking has changed, only this line is refused."""
    reference = seen.booking.reference if seen.booking else ""
    if seen.fit is Fit.RECORDED:
        return Done(seen.line, reference)
    if seen.booking is None or not seen.may_confirm or seen.booking.id != booking_id:
        return Done(
            seen.line, reference, gettext("The booking has changed since this page was shown. Check the line again.")
        )
    try:
        _receive(upload_id, booking_id, version, seen.line, replace(by, form_key=seen.line.key))
    except Conflict as error:
        return Done(seen.line, reference, error.sentence)
    return Done(seen.line, reference)


def _receive(upload_id: int, booking_id: int, version: int, line: StatementLine, by: Actor) -> None:
    """Record the money of one line. Its key is made from the line: in this file or another it is recorded once.

    Raises:
        Conflict: the booking is of another version, takes no payment, or its currency has no such amount.
    """

    def used() -> dict[str, Any]:
        first = update(Upload).where(Upload.id == upload_id, Upload.accepted_at.is_(None))
        changed(first.values(accepted_at=now()))
        # The bank says that the money came: undone, the payment waits to be verified, and the line stays recorded.
        return {"line": line.reference, "upload": upload_id, "before": PaymentState.SUBMITTED}

    booking = db.session.get_one(Booking, booking_id)
    try:
        payments.receive(
            booking, method=METHOD, amount=line.amount or Decimal(0), reference=line.reference, proof=line.text,
            by=by, expected_version=version, also=used,
        )  # fmt: skip
    except Invalid as error:
        raise Conflict(error.sentence) from error
