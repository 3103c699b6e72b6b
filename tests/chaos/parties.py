"""Guests by the number, and what is done for them through the API of a house that may be half broken."""

import itertools
import time
from collections.abc import Iterable
from http.client import HTTPException
from typing import Any, NamedTuple

from tests.chaos.ledger import Ledger
from tests.support.house import Answer, House
from tests.support.servers import Worker
from tests.support.waiting import until

# What comes true within a second or two when two cores are free; they may be shared with much else.
PATIENCE = 90.0
TAKEN = ("sent", "delivered", "read")
_numbers = itertools.count(1)


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
