"""The promises about messages (docs/reliability.md), as checks of the database against what is true."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from tests.chaos.truth import Truth
from webapp.extensions import db
from webapp.models import Attempt, ChannelState, Message
from webapp.services.delivery import claim

OPEN, TAKEN = ("waiting", "sending", "uncertain"), ("sent", "delivered", "read")
REFUSED = ("failed", "undelivered", "canceled")
_MESSAGES = select(Message.__table__).order_by(Message.id)
_ATTEMPTS = select(Attempt.__table__).order_by(Attempt.number)
_CHANNELS = select(ChannelState.__table__)


class Rows:
    """All messages with their attempts, and the channels, read at one moment."""

    def __init__(self) -> None:
        db.session.remove()
        with db.engine.connect() as connection:
            self.messages = connection.execute(_MESSAGES).all()
            found = connection.execute(_ATTEMPTS).all()
            self.channels = {row.name: row for row in connection.execute(_CHANNELS)}
        self.attempts: dict[int, list[Any]] = {row.id: [] for row in self.messages}
        for attempt in found:
            self.attempts[attempt.message_id].append(attempt)

    @property
    def open(self) -> list[Any]:
        return [row for row in self.messages if row.status in OPEN]


def check(truth: Truth, most_tries: int) -> Rows:
    """Read all rows; AssertionError for the first promise that does not hold now."""
    assert not truth.broken, "; ".join(truth.broken)
    rows = Rows()
    for row in rows.messages:
        _has_a_way_out(row, rows.attempts[row.id], truth.time.now)
        _says_what_is_known(row, rows.attempts[row.id])
        _says_what_is_true(row, truth)
        assert row.tries_used <= most_tries, f"message {row.id} used {row.tries_used} tries"
        assert row.attempts_made == len(rows.attempts[row.id]), f"message {row.id} does not count its attempts"
        if row.stepped_aside:
            truth.stepped_aside.add(row.id)
    sending = [row.guest_id for row in rows.messages if row.status == "sending"]
    assert len(sending) == len(set(sending)), "a guest's lane is held twice"
    assert db.engine.pool.checkedout() == 0, "a transaction is open while a provider is spoken to"
    return rows


def _has_a_way_out(row: Any, attempts: list[Any], moment: datetime) -> None:
    newest = attempts[-1] if attempts else None
    if row.status == "waiting":
        assert row.due_at is not None
        # What looks gave back after its time is due at once, and closed as expired by whoever comes first.
        ends = max(row.expires_at, moment)
        assert row.due_at <= ends + timedelta(seconds=2), f"message {row.id} is due after it expires"
    elif row.status == "sending":
        assert row.lease_until is not None
        assert newest is not None
        assert newest.token == row.token
    elif row.status == "uncertain":
        assert newest is not None
        assert newest.token == row.token
        assert newest.next_look_at is not None, f"message {row.id} is uncertain, and nobody will look"
    if row.status != "sending":
        assert row.lease_until is None


def _says_what_is_known(row: Any, attempts: list[Any]) -> None:
    words = {a.receipt for a in attempts}
    taken = [a for a in attempts if a.outcome == "accepted" or a.receipt_rank > 0]
    if row.status in TAKEN:
        assert any(a.receipt not in REFUSED for a in taken), f"message {row.id} is {row.status} without a proof"
    if row.status == "delivered":
        assert "delivered" in words
    if row.status == "read":
        assert "read" in words
    if row.status in ("failed", "skipped"):
        assert row.error_code, f"message {row.id} is {row.status} without a reason"
        assert row.settled_at is not None
        assert all(a.receipt in REFUSED for a in taken), f"message {row.id} is {row.status} though it was taken"
    if row.status == "waiting":
        assert all(a.receipt in REFUSED for a in taken), f"message {row.id} waits though it was taken"
    if row.status in ("waiting", "sending", "uncertain"):
        assert row.settled_at is None, f"message {row.id} is {row.status} and settled"


def _says_what_is_true(row: Any, truth: Truth) -> None:
    taken = truth.of_message(row.id)
    if row.status in TAKEN:
        assert taken, f"message {row.id} is {row.status}, but the provider never had it"
    if row.status == "delivered":
        assert "delivered" in {t.status for t in taken}
    if row.went_out_twice:
        assert len(taken) > 1, f"message {row.id} is said to have gone out twice"


def check_the_ring(rows: Rows, moment: datetime) -> None:
    """One predicate for both: the sweep rings for the lanes that a claim would serve, and for no others."""
    busy = {row.guest_id for row in rows.messages if row.status == "sending"}
    guests = {row.guest_id for row in rows.messages}
    too_soon = [row.name for row in rows.channels.values() if row.next_send_at and row.next_send_at > moment]
    servable = {guest for guest in guests - busy if claim.look(guest, without=too_soon)}
    assert set(claim.due_lanes(1000)) == servable
    db.session.remove()


def next_event(now: datetime) -> float:
    """Seconds until something is due, by what the rows say; at least a little."""
    rows = Rows()
    times = [row.due_at for row in rows.open if row.status == "waiting"]
    times += [row.lease_until for row in rows.open if row.status == "sending"]
    times += [rows.attempts[row.id][-1].next_look_at for row in rows.open if row.status == "uncertain"]
    times += [row.paused_until for row in rows.channels.values() if row.paused_until and row.pause_kind != "by_hand"]
    times += [row.next_send_at for row in rows.channels.values() if row.next_send_at]
    ahead = [time for time in times if time > now]
    return max((min(ahead) - now).total_seconds(), 0.0) + 0.001 if ahead else 1.0
