"""Counting an hour reads that hour's messages: of a million others it knows nothing."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import String, case, cast, insert, literal, select, text

from tests.factories import a_booking
from tests.services.delivery.test_claim_plan import captured, plan_of
from webapp.database import Later, read_now
from webapp.extensions import db
from webapp.models import Attempt, Event, Message
from webapp.services.figures import rollup

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
MANY, SECONDS_APART = 40_000, 60


def fill(guest_id: int) -> None:
    """A month of messages, one a minute, each taken at its first try."""
    numbers = select(literal(0).label("i")).cte("numbers", recursive=True)
    numbers = numbers.union_all(select(numbers.c.i + 1).where(numbers.c.i < MANY - 1))
    due = Later(-1.0 * SECONDS_APART * numbers.c.i)
    facts: dict[str, Any] = {
        "guest_id": literal(guest_id), "seq": numbers.c.i, "status": literal("sent"), "language": literal("en"),
        "channel": case((numbers.c.i % 2 == 0, "sms"), else_="email"), "event": literal(Event.BOOKING_CONFIRMED.value),
        "to_address": literal("+14155550001"), "reference": literal("BK-1"), "body": literal("Confirmed."),
        "due_at": due, "first_due_at": due, "sent_at": due, "expires_at": due, "attempts_made": literal(1),
    }  # fmt: skip
    rows = select(*(value.label(name) for name, value in facts.items()))
    db.session.execute(insert(Message).from_select(list(facts), rows))
    taken = {"message_id": Message.id, "number": literal(1), "token": cast(Message.id, String),
             "provider": literal("twilio"), "outcome": literal("accepted")}  # fmt: skip
    tries = select(*(value.label(name) for name, value in taken.items()))
    db.session.execute(insert(Attempt).from_select(list(taken), tries))
    db.session.commit()
    if db.engine.dialect.name == "postgresql":  # It does so by itself; SQLite never does.
        db.session.execute(text("ANALYZE"))
        db.session.commit()


def test_an_hour_is_counted_by_the_index_on_when_messages_fell_due() -> None:
    fill(a_booking().guest_id)
    hour = read_now() - timedelta(days=9)

    with captured() as sent:
        rollup.count([hour])
    plans = [plan_of(*statement) for statement in sent if "FROM message" in statement[0]]

    assert len(plans) == 1
    assert "ix_message_first_due_at" in plans[0]
    assert "SCAN message" not in plans[0] and "Seq Scan on message" not in plans[0]
    assert "SCAN attempt" not in plans[0] and "Seq Scan on attempt" not in plans[0]


def test_the_oldest_message_is_the_first_of_that_index() -> None:
    fill(a_booking().guest_id)

    with captured() as sent:
        rollup.recount()
    plans = [plan_of(*statement) for statement in sent if "min(message.first_due_at)" in statement[0]]

    assert "ix_message_first_due_at" in plans[0]
    assert "Seq Scan on message" not in plans[0]
