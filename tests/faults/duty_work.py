"""Work for each duty of the housekeeper, so that a turn of it changes rows."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from flask import current_app
from sqlalchemy import delete, update

from tests.factories import a_booking, a_message, an_attempt
from tests.faults.acts.base import ROSA
from tests.faults.acts.messages import a_failure
from tests.support.scripted import Post
from webapp.channels.base import Sighting
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import (
    AttemptOutcome,
    BatchKind,
    BookingStatus,
    ChannelName,
    Event,
    FallbackOrder,
    HourTally,
    Message,
    MessageStatus,
    SandboxMessage,
    WorkerRow,
)
from webapp.services import bookings
from webapp.services.failures import batches, selection


def _set(message: Message, **values: object) -> None:
    with writing():
        db.session.execute(update(Message).where(Message.id == message.id).values(**values))


def _end_leases(_provider: Post) -> None:
    message = a_message(status=MessageStatus.SENDING)
    an_attempt(message, outcome=None, provider_id=None)
    _set(message, lease_until=later(-1))


def _look_up(provider: Post) -> None:
    message = a_message(status=MessageStatus.UNCERTAIN, error_code="unknown")
    attempt = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=now())
    provider.sms.sightings = [Sighting(f"SM{attempt.token}", "delivered")]


def _ask(provider: Post) -> None:
    attempt = an_attempt(a_message(status=MessageStatus.SENT), next_ask_at=later(-1))
    provider.sms.asked[attempt.provider_id or ""] = Sighting(attempt.provider_id or "", "delivered")


def _expire(_provider: Post) -> None:
    a_message(expires_in=timedelta(seconds=-1))


def _due_times(_provider: Post) -> None:
    _set(a_message(), due_at=later(86_400), created_at=later(86_400))


def _fall_back(_provider: Post) -> None:
    with writing():
        order = [ChannelName.WHATSAPP, ChannelName.SMS, ChannelName.EMAIL]
        db.session.merge(
            FallbackOrder(event=Event.BOOKING_CONFIRMED, channels=[str(channel) for channel in order], by="Rosa")
        )
    booking = a_booking()
    bookings.confirm(booking, by=ROSA, hold=0)
    [first] = [message for message in booking.messages if message.falls_back]
    _set(first, status=MessageStatus.FAILED, error_code="63003", settled_at=now())


def _batches(_provider: Post) -> None:
    picked = selection.ticked([str(a_failure().id), str(a_failure().id)])
    batch = batches.plan(BatchKind.RETRY, picked, by=ROSA)
    assert batch and batches.start(batch, by=ROSA)


def _sandbox_receipts(provider: Post) -> None:
    message = a_message(status=MessageStatus.SENT, simulated=True)
    attempt = an_attempt(message, next_ask_at=later(-1))
    provider.sms.asked[attempt.provider_id or ""] = Sighting(attempt.provider_id or "", "delivered")
    to, reference = message.to, message.reference
    facts = {"token": attempt.token, "provider_id": attempt.provider_id, "to": to, "reference": reference}
    with writing():
        db.session.add(SandboxMessage(**facts, channel=ChannelName.SMS, body="Confirmed.", next_step_at=later(-1)))


def _prune(_provider: Post) -> None:
    batches.plan(BatchKind.RETRY, selection.ticked([str(a_failure().id)]), by=ROSA)
    with writing():
        db.session.add(
            WorkerRow(name=f"old-1{secrets.token_hex(4)}", pool="threads", concurrency=1, seen_at=later(-9e6))
        )
        db.session.execute(update(batches.Batch).values(at=later(-90_000)))
    old = a_message(a_booking(BookingStatus.COMPLETED), status=MessageStatus.DELIVERED)
    _set(old, created_at=later(-9e8), settled_at=later(-9e8), due_at=later(-9e8))


def _tally(_provider: Post) -> None:
    with writing():
        db.session.execute(delete(HourTally))
    a_message(status=MessageStatus.SENT, sent_at=now())


def _tally_gaps(provider: Post) -> None:
    _tally(provider)
    current_app.extensions.pop("bellhop_gaps_rest", None)
    _set(a_message(status=MessageStatus.SENT), first_due_at=later(-9_000), due_at=later(-9_000), sent_at=later(-8_990))


WORK: dict[str, Callable[[Post], None]] = {
    "end_leases": _end_leases,
    "look_up": _look_up,
    "ask_for_receipts": _ask,
    "expire": _expire,
    "due_times": _due_times,
    "fall_back": _fall_back,
    "batches": _batches,
    "sandbox_receipts": _sandbox_receipts,
    "prune": _prune,
    "tally": _tally,
    "tally_gaps": _tally_gaps,
}

# Tried elsewhere, or without rows of their own.
NO_ROWS = {
    "ring": "it reads, and rings; a bell that is not rung is rung at the next turn",
    "sample": "a minute that was not measured is left out of an hour's mean",
    "alert": "tests/services/test_alert_telling.py: at least once, by intent",
    "watch_workers": "the same, beside the pages",
    "morning_mail": "its day is claimed before it is sent: never twice, and a mail that is lost is not sent again",
}
