"""Messages are counted where they stand, by the database's clock."""

from datetime import timedelta

import pytest

from tests.factories import a_message, an_attempt
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import Message, MessageStatus, WorkerRow
from webapp.monitor import counts

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.both_databases]


def test_waiting_messages_are_due_or_due_later() -> None:
    a_message(due_in=timedelta(minutes=-2))
    a_message()
    a_message(due_in=timedelta(minutes=5))

    found = counts.read()

    assert (found.queued, found.due_later) == (2, 1)


def test_the_oldest_is_the_one_that_was_due_first() -> None:
    a_message(due_in=timedelta(minutes=-2))
    a_message(due_in=timedelta(minutes=-7))

    found = counts.read()

    assert found.oldest_due_at is not None
    assert (found.moment - found.oldest_due_at).total_seconds() == pytest.approx(420, abs=10)


def test_nothing_waiting_has_no_age() -> None:
    a_message(due_in=timedelta(minutes=5))

    assert counts.read().oldest_due_at is None


def test_a_message_after_a_failed_try_is_tried_again_until_it_is_due() -> None:
    a_message(tries_used=1, due_in=timedelta(minutes=1))
    a_message(tries_used=1)

    found = counts.read()

    assert (found.retrying, found.queued, found.due_later) == (1, 1, 0)


def test_past_its_lease_a_message_is_being_checked() -> None:
    _sending(lease=60)
    _sending(lease=-1)
    a_message(status=MessageStatus.UNCERTAIN)

    found = counts.read()

    assert (found.running, found.uncertain) == (1, 2)


def test_settled_messages_are_not_counted() -> None:
    for status in (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.SKIPPED):
        a_message(status=status)

    found = counts.read()

    assert (found.queued, found.due_later, found.retrying, found.running, found.uncertain) == (0, 0, 0, 0, 0)


def test_a_hand_over_names_its_booking_and_worker() -> None:
    message = _sending(lease=60)

    (handover,) = counts.read().handovers

    assert (handover.guest_id, handover.reference) == (message.guest_id, message.reference)
    assert (handover.channel, handover.worker) == (message.channel, "w1")
    assert 0 <= handover.seconds < 10


def test_workers_that_stopped_or_were_silent_for_long_are_left_out() -> None:
    _worker("lives", seen=-5)
    _worker("silent", seen=-60)
    _worker("forgotten", seen=-7200)
    _worker("stopped", seen=-5, stopped=True)

    found = counts.read()

    assert {row.name: counts.is_alive(row, found.moment) for row in found.workers} == {"lives": True, "silent": False}


def _sending(*, lease: float) -> Message:
    message = a_message(status=MessageStatus.SENDING)
    an_attempt(message, outcome=None, worker="w1")
    with writing():
        db.session.get_one(Message, message.id).lease_until = later(lease)
    return db.session.get_one(Message, message.id)


def _worker(name: str, *, seen: float, stopped: bool = False) -> None:
    with writing():
        db.session.add(
            WorkerRow(
                name=name, pool="threads", concurrency=16, seen_at=later(seen), stopped_at=now() if stopped else None
            )
        )
