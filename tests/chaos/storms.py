"""What outages and storms share: the database read past the application, guests by the number, and mending."""

import itertools
import os
import random
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Row, Table, create_engine, insert, select, update
from sqlalchemy.pool import NullPool

from tests.support.house import Answer, House
from tests.support.waiting import until
from webapp.models import OPEN, ChannelName, ChannelState, DutyLease, Event, Guest, Message, MessageStatus, PauseKind

# What comes true within a second or two when two cores are free; they may be shared with much else.
PATIENCE = 90.0
TAKEN = ("sent", "delivered", "read")
_numbers = itertools.count(1)


def chosen_seed(config: pytest.Config) -> int:
    """The seed of all chance: CHAOS_SEED chooses it, else the one of hypothesis."""
    given = os.environ.get("CHAOS_SEED") or config.getoption("--hypothesis-seed", None)
    return int(given) if given and str(given).isdigit() else random.SystemRandom().randrange(2**32)


class Ledger:
    """A house's database, read and changed past the application."""

    def __init__(self, house: House) -> None:
        self.url = house.env["DATABASE_URL"] or f"sqlite:///{house.folder / 'bellhop.db'}"
        self.is_sqlite = self.url.startswith("sqlite")
        waits = {"timeout": 60} if self.is_sqlite else {}
        self._engine = create_engine(self.url, poolclass=NullPool, connect_args=waits)

    def rows(self, table: Any, **facts: Any) -> list[Row[Any]]:
        """All rows of a model's table with these facts, by id where it has one."""
        with self._engine.connect() as connection:
            found: Table = table.__table__
            return list(connection.execute(select(found).filter_by(**facts).order_by(*found.primary_key)))

    def change(self, statement: Any, rows: Any = None) -> None:
        """Run one statement, and commit."""
        with self._engine.begin() as connection:
            connection.execute(statement, rows)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Let nobody else write messages or attempts; on PostgreSQL nobody reads them either."""
        with self._engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.exec_driver_sql("BEGIN EXCLUSIVE" if self.is_sqlite else "BEGIN")
            if not self.is_sqlite:
                connection.exec_driver_sql("LOCK TABLE message, attempt IN ACCESS EXCLUSIVE MODE")
            try:
                yield
            finally:
                connection.exec_driver_sql("ROLLBACK")

    def holders(self) -> set[str]:
        """Which workers hold the duties whose leases have not ended."""
        now = datetime.now(UTC)
        return {row.holder if row.until and row.until > now else "" for row in self.rows(DutyLease)}

    def pause(self, channel: ChannelName) -> None:
        """Close a channel as a person would."""
        far = datetime(9999, 1, 1, tzinfo=UTC)
        facts = {"pause_kind": PauseKind.BY_HAND, "paused_until": far, "paused_by": "Tests", "why": "A test"}
        self.change(update(ChannelState).where(ChannelState.name == channel).values(**facts))

    def resume(self) -> None:
        """Open all channels."""
        facts: dict[str, Any] = {"pause_kind": None, "paused_until": None, "paused_by": "", "why": ""}
        self.change(update(ChannelState).values(failures_in_row=0, pause_seconds=0, **facts))

    def forget_open(self) -> None:
        """Close all that is not sent yet, so that one test's messages are not the next one's."""
        closed = {"status": MessageStatus.SKIPPED, "lease_until": None, "error_code": "undone"}
        self.change(update(Message).where(Message.status.in_(OPEN)).values(**closed))

    def crowd(self, count: int) -> None:
        """Add guests with one SMS each that is due now."""
        now = datetime.now(UTC)
        phones = [f"+1416{n:07d}" for n in range(count)]
        self.change(insert(Guest), [{"phone": phone, "next_seq": 2, "created_at": now} for phone in phones])
        common = {
            "seq": 1, "event": Event.BOOKING_CONFIRMED, "channel": ChannelName.SMS, "language": "en",
            "due_at": now, "created_at": now, "expires_at": now + timedelta(hours=6), "status": MessageStatus.WAITING,
        }  # fmt: skip
        crowd = [row for row in self.rows(Guest) if row.phone in set(phones)]
        own = ({"guest_id": row.id, "to_address": row.phone, "reference": f"CROWD-{row.id}"} for row in crowd)
        table: Any = Message.__table__
        self.change(insert(table), [common | facts | {"body": facts["reference"]} for facts in own])


class Party(NamedTuple):
    """A guest with a booking and addresses of their own."""

    reference: str
    phone: str
    email: str


def a_party(house: House, *channels: str, phone: str = "") -> Party:
    """Take a booking for a guest who agreed to these channels (SMS), by default somebody new."""
    number = next(_numbers)
    party = Party(f"C-{number}", phone or f"+1415{5550000 + number}", f"guest{number}@guests.example")
    guest = {"name": "Eve", "phone": party.phone, "email": party.email, "channels": list(channels or ["sms"])}
    house.book(party.reference, guest=guest)
    return party


def confirm(house: House, *parties: Party) -> None:
    """Confirm these bookings, each at once."""
    for party in parties:
        answer = house.confirm(party.reference)
        assert answer.status == 200, answer


def told(house: House, parties: Iterable[Party], within: float = PATIENCE) -> list[dict[str, Any]]:
    """Wait until every message of these bookings was taken by its provider; the messages."""
    left, found = list(parties), []
    for party in left:

        def taken(reference: str = party.reference) -> list[dict[str, Any]] | None:
            messages = house.call("GET", f"/bookings/{reference}").body.get("messages") or []
            taken.seen = messages  # type: ignore[attr-defined]
            return messages if messages and all(m["status"] in TAKEN for m in messages) else None

        try:
            found += until(taken, within=within, saying=f"{party.reference} was told") or []
        except AssertionError as late:
            late.add_note(f"its messages: {getattr(taken, 'seen', None)}")
            raise
    return found


def timed(house: House, party: Party) -> float:
    """Confirm a booking; the seconds that it took."""
    begun = time.monotonic()
    answer: Answer = house.confirm(party.reference)
    assert answer.status == 200, answer
    return time.monotonic() - begun


def mend(house: House) -> None:
    """Undo whatever a test broke: providers answer, all processes run, nothing is open or paused."""
    house.twilio.auto_receipts = True
    house.twilio.heal()
    house.smtp.heal()
    for process in (house.valkey, house.web, *house.workers):
        process.thaw()
        if not process.is_running:
            process.start(within=PATIENCE)
    ledger = Ledger(house)
    ledger.resume()
    ledger.forget_open()
