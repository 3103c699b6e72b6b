"""Messages by the million, made by the database itself; inside an app's context."""

from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, insert, literal, literal_column, select, text

from tests.bench.rows import write_search_terms
from webapp.database import Later, writing
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, ChannelName, Event, Guest, Message, MessageStatus
from webapp.services.accounts.demo import GUESTS

EACH = 4  # Messages of a booking: its confirmation by three channels, and one about a payment.
YEAR = 365 * 86_400
PART = 100_000  # A transaction; SQLite moves what is committed out of its log.
RARE = Event.PAYMENT_REVERSED
BODY = "Your booking {} is confirmed. We look forward to seeing you. Please be at the pier a quarter of an hour early."


def fill(many: int) -> None:
    """So many messages of a quarter as many bookings, spread over a year up to now, in the order of their ids.

    Of a thousand, 2 failed and wait for somebody, 10 failed and are resolved, 20 were not sent, one in 5,000 waits.
    Each tenth of the failures has a cause that is rare among them.
    """
    for first in range(0, many, PART):
        after = min(first + PART, many)
        for table, made in ((Guest, _guests), (Booking, _bookings), (Message, _messages)):
            rows = made(first, after, many)
            with writing():
                db.session.execute(insert(table).from_select(list(rows.selected_columns.keys()), rows))
        with writing():
            write_search_terms()
    with writing():
        if db.engine.dialect.name == "postgresql":
            for name in ("guest", "booking", "message"):
                db.session.execute(select(func.setval(f"{name}_id_seq", many + 1)))
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))  # As autovacuum does soon after.


def _numbers(first: int, to: int) -> Any:
    start = select(literal(first).label("i")).cte("numbers", recursive=True)
    return start.union_all(select(start.c.i + 1).where(start.c.i < to - 1)).c.i


def _words(number: Any) -> Any:
    return cast(number, String)


def _guests(first: int, to: int, _many: int) -> Select[Any]:
    i = _numbers(first // EACH, to // EACH)
    return _row({"id": i + 1, "phone": literal("+1415") + _words(i + 5_000_000), "next_seq": literal(EACH + 1)})


def _bookings(first: int, to: int, many: int) -> Select[Any]:
    i = _numbers(first // EACH, to // EACH)
    tail = func.substr(_words(i % 10_000 + 10_000), 2)  # So the last four digits are spread as they are in life.
    name = case(*((i % len(GUESTS) == n, name) for n, name in enumerate(GUESTS)), else_=GUESTS[0])
    return _row({
        "id": i + 1, "guest_id": i + 1, "reference": literal("BRD-") + _words(i + 1), "name": name,
        "phone": literal("+1415") + _words(i + 5_000_000), "phone_tail": tail + _words(i),
        "email": literal("guest") + _words(i) + "@guests.example", "service": literal("Harbour cruise"),
        "status": literal(BookingStatus.CONFIRMED.value), "currency": literal("GBP"), "amount": literal_column("12000"),
        "starts_at": Later(_age(i * EACH, many)), "created_at": Later(_age(i * EACH, many)),
        "language": literal("en"), "party_size": literal(2), "version": literal(2), "is_demo": literal(False),
    })  # fmt: skip


def _messages(first: int, to: int, many: int) -> Select[Any]:
    i = _numbers(first, to)
    dice = i % 5000 * 7919 % 5000  # Seven digits times four are more than an integer of PostgreSQL holds.
    failed = dice < 60
    payment = case((i % 4_000 == EACH - 1, RARE.value), else_=Event.PAYMENT_VERIFIED.value)
    return _row({
        "id": i + 1, "guest_id": i // EACH + 1,
        "seq": i % EACH + 1, "booking_id": i // EACH + 1, "reference": literal("BRD-") + _words(i // EACH + 1),
        "event": case((i % EACH < EACH - 1, Event.BOOKING_CONFIRMED.value), else_=payment),
        "channel": case(*((i % EACH == n, str(c)) for n, c in enumerate(ChannelName)), else_=str(ChannelName.SMS)),
        "language": literal("en"), "to_address": literal("+14150000000"), "body": literal(BODY),
        "status": _status(i, dice), "error_code": _cause(i, failed),
        "resolved_at": case((failed & (dice >= 10), Later(literal(-60.0)))), "attempts_made": literal(1),
        "due_at": Later(_age(i, many)), "first_due_at": Later(_age(i, many)), "created_at": Later(_age(i, many)),
        "expires_at": Later(_age(i, many) + 86_400.0), "settled_at": case((dice != 4999, Later(_age(i, many)))),
    })  # fmt: skip


def _age(i: Any, many: int) -> Any:
    """Seconds from now, all in the past."""
    return (i - many) * (YEAR / many)


def _status(i: Any, dice: Any) -> ColumnElement[str]:
    return case(
        (dice < 60, MessageStatus.FAILED.value),
        (dice < 160, MessageStatus.SKIPPED.value),
        (dice == 4999, MessageStatus.WAITING.value),
        (i % EACH == 2, MessageStatus.SENT.value),
        ((i % EACH == 1) & (i % 3 == 0), MessageStatus.READ.value),
        else_=MessageStatus.DELIVERED.value,
    )


def _cause(i: Any, failed: Any) -> ColumnElement[str]:
    return case((failed & (i % 10 == 0), "30006"), (failed, "30005"), else_="")


def _row(facts: dict[str, Any]) -> Select[Any]:
    return select(*(value.label(name) for name, value in facts.items()))
