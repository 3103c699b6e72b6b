"""What outages and storms share: the database read past the application, guests by the number, and mending."""

import itertools
import math
import os
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Row, Table, create_engine, insert, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.support import faults
from tests.support.house import Answer, House
from tests.support.servers import Worker
from tests.support.twilio_store import Arrival
from tests.support.waiting import until
from tests.support.wire_smtp import Behaviour, WireSmtp, _Talk
from webapp.models import (
    OPEN,
    Attempt,
    AttemptOutcome,
    ChannelName,
    ChannelState,
    DutyLease,
    Event,
    Guest,
    Message,
    MessageStatus,
    PauseKind,
)

# What comes true within a second or two when two cores are free; they may be shared with much else.
PATIENCE = 90.0
TAKEN = ("sent", "delivered", "read")
_SEED = pytest.StashKey[int]()
_numbers = itertools.count(1)


def chosen_seed(config: pytest.Config) -> int:
    """The seed of all chance in a session: CHAOS_SEED chooses it, else the one of hypothesis."""
    given = os.environ.get("CHAOS_SEED") or config.getoption("--hypothesis-seed", None)
    chosen = int(given) if given and str(given).isdigit() else random.SystemRandom().randrange(2**32)
    return config.stash.setdefault(_SEED, chosen)


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

    def attempts_of(self, pid: int) -> list[Row[Any]]:
        """The attempts that a worker's process has made."""
        return [row for row in self.rows(Attempt) if f"-{pid}@" in row.worker]

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

    def is_writable(self) -> bool:
        """Whether the write lock is free; on PostgreSQL there is none that one process could hold."""
        engine = create_engine(self.url, poolclass=NullPool, connect_args={"timeout": 0.5} if self.is_sqlite else {})
        try:
            with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
                connection.exec_driver_sql("ROLLBACK")
        except OperationalError:
            return False
        return True

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


def freeze(house: House, worker: Worker) -> None:
    """Freeze a worker between two writes: SQLite has one write lock, and who is frozen with it holds up everybody."""
    ledger = Ledger(house)
    for _ in range(100):
        worker.freeze()
        if ledger.is_writable():
            return
        worker.thaw()
    raise AssertionError("the worker writes all the time")


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


# Storms


class Fates:
    """What happens to each message on its way, by its text and the seed: the same in every run of that seed."""

    def __init__(self, seed: int) -> None:
        self._seed, self._lock = seed, threading.Lock()
        self._left: dict[str, list[str]] = {}
        self.refused = self.cut = 0

    def next(self, message: str) -> str:
        """What happens to the message's next hand-over: `busy`, `cut` after it was taken, or nothing."""
        with self._lock:
            left = self._left.setdefault(message, self._drawn(message))
            fate = left.pop(0) if left else ""
            self.refused += fate == "busy"
            self.cut += fate == "cut"
            return fate

    def _drawn(self, message: str) -> list[str]:
        dice = random.Random(f"{self._seed}/{message}")
        draw = dice.random()
        if draw < 0.10:
            return ["busy"] * dice.choice([1, 2])
        return ["cut"] if draw < 0.15 else []


def a_storms_fault(fates: Fates) -> Callable[[Arrival], faults.Fault]:
    """Twilio's rule: each answer takes a moment, some are 503, some are cut off."""
    chosen = {"busy": faults.broken(503), "cut": faults.cut(taken=True)}

    def rule(arrival: Arrival) -> faults.Fault:
        text = arrival.body or f"{arrival.content_sid} {arrival.form.get('ContentVariables')}"
        return chosen.get(fates.next(f"{arrival.to} {text}"), faults.slow(0.02))

    return rule


class StormMail(WireSmtp):
    """A mail server that refuses some mails after their final dot, and cuts the line after taking some."""

    def __init__(self, fates: Fates) -> None:
        super().__init__("well")
        self.fates = fates

    def _serve(self, line: socket.socket, behaviour: Behaviour) -> None:
        talk = _StormTalk(line, behaviour, self)
        try:
            talk.run()
        except OSError:
            pass  # The client hung up, or we did.
        finally:
            talk.close()


class _StormTalk(_Talk):
    server: StormMail

    def finish(self, reply: str) -> None:
        """Answer the final dot as the mail's fate has it."""
        arrival = self.arrival
        assert arrival is not None
        fate = self.server.fates.next(f"{arrival.to} {arrival.text}")
        if fate == "cut":
            self.behaviour = "keep_after_dot"
            raise ConnectionResetError
        arrival.kept = fate != "busy"
        super().finish(reply if arrival.kept else "451 4.3.2 Busy, try later")


def insist(house: House, reference: str, number: int, status: str) -> None:
    """Book where there is no such booking, and confirm or cancel it, again and again until that is done.

    A clerk whose click got no answer looks first: the act may have been made.
    """
    act = {"confirmed": "confirm", "cancelled": "cancel"}[status]
    guest = {"name": f"Guest {number}", "phone": f"+1415{6000000 + number}", "email": f"storm{number}@guests.example"}
    new = {"reference": reference, "guest": guest, "service": "Harbour cruise", "amount": "120.00",
           "starts_at": "2030-01-05T10:00:00+01:00", "currency": "GBP"}  # fmt: skip

    def is_done() -> bool:
        found = house.call("GET", f"/bookings/{reference}")
        if found.status == 404:
            house.call("POST", "/bookings", new)
            return False
        if found.status == 200 and found.body["status"] != status:
            house.call("POST", f"/bookings/{reference}/{act}")
        return bool(found.status == 200 and found.body["status"] == status)

    until(is_done, within=3 * PATIENCE, saying=f"{reference} is {status}", ignoring=(OSError, HTTPException))


class Freeze(NamedTuple):
    """When a worker stood still: at this time of day, and between these monotonic seconds."""

    pid: int
    at: float
    begun: float
    ended: float


@dataclass(frozen=True)
class HandOver:
    """One hand-over as its provider saw it."""

    guest: str
    channel: ChannelName
    seq: int  # 0 where the line ended before the provider knew which message it was.
    started: float
    ended: float | None
    is_excused: bool  # A frozen worker's, past its lease.


class Truth:
    """What the database says and what the providers saw, laid side by side after a storm."""

    def __init__(self, ledger: Ledger, house: House, freezes: list[Freeze]) -> None:
        self.freezes = freezes
        self.twilio, self.mail = house.twilio, house.smtp
        self.messages = {row.id: row for row in ledger.rows(Message)}
        self.attempts = {row.token: row for row in ledger.rows(Attempt)}
        self.by_mail_id = {row.mail_id: row for row in self.messages.values() if row.mail_id}
        self.by_email = {row.to_address: row.guest_id for row in self.by_mail_id.values()}
        self.deadline = float(house.env["MAIL_DEADLINE"])
        self.refused, self.cut = house.smtp.fates.refused, house.smtp.fates.cut
        self.hand_overs = [*map(self._posted, self.twilio.arrivals), *self._mailed()]

    def summary(self) -> str:
        """What the storm was like, for a person."""
        ghosts = sum(one.is_excused for one in self.hand_overs)
        unknown = sum(row.outcome is AttemptOutcome.UNKNOWN for row in self.attempts.values())
        return (
            f"{len(self.messages)} messages, {len(self.attempts)} attempts, {self.refused} refused, {self.cut} cut, "
            f"{unknown} unknown, {len(self.freezes)} freezes, {ghosts} excused hand-overs"
        )

    @property
    def ghosts(self) -> int:
        """How many SMS and WhatsApp messages were taken from a worker after it was frozen with them."""
        return sum(one.is_excused and one.channel is not ChannelName.EMAIL for one in self.hand_overs)

    def badly_ended(self) -> list[str]:
        """The messages that did not end `sent` or better, without a good reason."""
        return [
            f"{row.id} {row.channel} {row.event}: {row.status} {row.error_code} {row.error_detail}"
            for row in self.messages.values()
            if row.status not in TAKEN and not self._is_superseded(row) and not self._broke_twice(row)
        ]

    def _is_superseded(self, row: Any) -> bool:
        cancelled = {r.booking_id for r in self.messages.values() if r.event is Event.BOOKING_CANCELLED}
        return row.error_code == "superseded" and row.status is MessageStatus.SKIPPED and row.booking_id in cancelled

    def _broke_twice(self, row: Any) -> bool:
        unknown = [a for a in self._attempts(row) if a.outcome is AttemptOutcome.UNKNOWN]
        was_mail = row.channel is ChannelName.EMAIL and row.error_code == "may_have_arrived"
        return was_mail and len(unknown) == 2 and any(a.code == "no_answer" for a in unknown)

    def not_taken_once(self) -> list[str]:
        """The SMS and WhatsApp messages that were not taken exactly once (a skipped one: never)."""
        taken: dict[int, list[str]] = {row.id: [] for row in self.messages.values()}
        for message in self.twilio.messages:
            token = _token(message.callback)
            if not self._is_ghost(token, message.sid):
                taken[self.attempts[token].message_id].append(message.sid)
        return [
            f"{row.id} {row.channel} {row.event} {row.status}: taken {len(taken[row.id])} times"
            for row in self.messages.values()
            if row.channel is not ChannelName.EMAIL and len(taken[row.id]) != (row.status in TAKEN)
        ]

    def _is_ghost(self, token: str, sid: str) -> bool:
        """Whether it was claimed before a freeze and arrived after it: frozen after the last check."""
        [arrival] = [a for a in self.twilio.arrivals if a.sid == sid]
        twice = self.messages[self.attempts[token].message_id].went_out_twice
        return bool(twice) and self._was_held(token, arrival.started)

    def _was_held(self, token: str, arrived: float) -> bool:
        attempt = self.attempts[token]
        return any(
            f"-{freeze.pid}@" in attempt.worker and _seconds(attempt.started_at) <= freeze.at + 0.1
            for freeze in self.freezes
            if arrived >= freeze.ended
        )

    def badly_mailed(self) -> list[str]:
        """The e-mails that were taken never, more than twice, or twice without an unknown outcome before."""
        copies = Counter(mail.message_id for mail in self.mail.mails)
        strangers = [f"nobody knows {mail_id}" for mail_id in copies if mail_id not in self.by_mail_id]
        return strangers + [
            f"{row.id} {row.event} {row.status}: taken {copies[row.mail_id]} times"
            for row in self.by_mail_id.values()
            if copies[row.mail_id] > self._most_copies(row) or (row.status in TAKEN and not copies[row.mail_id])
        ]

    def _most_copies(self, row: Any) -> int:
        own = self._attempts(row)
        frozen = any(f"-{freeze.pid}@" in a.worker for a in own for freeze in self.freezes)
        unknown = any(a.outcome is AttemptOutcome.UNKNOWN for a in own) or (frozen and row.went_out_twice)
        return 2 if unknown else 1

    def _attempts(self, row: Any) -> list[Any]:
        return [a for a in self.attempts.values() if a.message_id == row.id]

    def _posted(self, arrival: Arrival) -> HandOver:
        token = _token(arrival.status_callback)
        row = self.messages[self.attempts[token].message_id]
        excused = self._was_held(token, arrival.started)
        return HandOver(row.guest_id, row.channel, row.seq, arrival.started, arrival.ended, excused)

    def _mailed(self) -> Iterator[HandOver]:
        for arrival in self.mail.arrivals:
            row = self.by_mail_id.get(arrival.message_id) if arrival.content else None
            ended = math.inf if arrival.ended is None else arrival.ended
            # A deadline cuts every conversation but that of a worker which stands still.
            over_long = ended - arrival.started > self.deadline
            excused = over_long and any(f.begun < ended and arrival.started < f.ended for f in self.freezes)
            for address in arrival.tried:
                seq = row.seq if row else 0
                guest = self.by_email[address]
                yield HandOver(guest, ChannelName.EMAIL, seq, arrival.started, arrival.ended, excused)


def _token(url: str) -> str:
    return url.rpartition("/")[2]


def _seconds(moment: datetime) -> float:
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()
