"""Receipts move their attempt forward, in any order, and never a message backwards."""

import itertools

import pytest

from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from tests.support.scripted import Post
from webapp.channels.base import Sighting
from webapp.database import now
from webapp.extensions import db
from webapp.models import AttemptOutcome, BookingStatus, ChannelName, MessageStatus, Receipt
from webapp.services.audit import BELLHOP
from webapp.services.delivery import receipts
from webapp.services.failures import retry

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def a_sent(**given):
    message = a_message(status=MessageStatus.SENT, **given)
    return message, an_attempt(message)


def receive(attempt, status: str, code: str = "") -> bool:
    return receipts.receive(attempt.token, provider_id=attempt.provider_id or "SM9", status=status, code=code)


def test_delivered_is_what_the_phone_said() -> None:
    message, attempt = a_sent()

    receive(attempt, "delivered")

    assert fresh(message).status is MessageStatus.DELIVERED and message.delivered_at is not None


@pytest.mark.parametrize("order", list(itertools.permutations(["queued", "sent", "delivered", "read"])))
def test_in_any_order_they_end_where_the_furthest_says(order: tuple[str, ...]) -> None:
    message, attempt = a_sent(channel=ChannelName.WHATSAPP)

    for status in order:
        receive(attempt, status)

    assert fresh(message).status is MessageStatus.READ
    assert db.session.query(Receipt).count() == 4


def test_a_doubled_one_is_kept_and_moves_nothing() -> None:
    _, attempt = a_sent()

    assert receive(attempt, "delivered")
    assert not receive(attempt, "delivered")


def test_a_failure_says_why() -> None:
    message, attempt = a_sent()

    receive(attempt, "undelivered", "30005")

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "30005")


def test_delivered_wins_over_undelivered_whichever_came_first() -> None:
    message, attempt = a_sent()

    receive(attempt, "undelivered", "30005")
    receive(attempt, "delivered")
    receive(attempt, "undelivered", "30005")

    assert (fresh(message).status, message.error_code) == (MessageStatus.DELIVERED, "")


def test_an_unknown_word_moves_nothing() -> None:
    message, attempt = a_sent()

    assert not receive(attempt, "partially_teleported")
    assert fresh(message).status is MessageStatus.SENT


def test_one_for_an_unknown_attempt_is_kept() -> None:
    assert not receipts.receive("nobody", provider_id="SM1", status="delivered")
    assert db.session.query(Receipt).one().attempt_id is None


def test_one_with_another_message_id_is_not_believed() -> None:
    message, attempt = a_sent()

    assert not receipts.receive(attempt.token, provider_id="SM-other", status="delivered")
    assert fresh(message).status is MessageStatus.SENT


def test_one_before_our_own_commit_waits_for_the_settle() -> None:
    message = a_message(status=MessageStatus.SENDING)
    attempt = an_attempt(message, outcome=None, provider_id=None)

    receive(attempt, "delivered")

    assert fresh(message).status is MessageStatus.SENDING
    assert attempt.receipt == "delivered"


def test_one_settles_what_was_uncertain_and_ends_the_look_ups() -> None:
    message = a_message(status=MessageStatus.UNCERTAIN)
    attempt = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=now())

    receive(attempt, "sent")

    assert fresh(message).status is MessageStatus.SENT
    assert attempt.next_look_at is None and attempt.provider_id == "SM9"


def test_late_proof_of_an_older_attempt_closes_a_waiting_retry() -> None:
    message = a_message(status=MessageStatus.WAITING)
    older = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None)
    an_attempt(message, outcome=AttemptOutcome.TEMPORARY, provider_id=None)

    receive(older, "delivered")

    assert fresh(message).status is MessageStatus.DELIVERED


def test_a_failure_of_an_older_attempt_proves_nothing() -> None:
    message = a_message(status=MessageStatus.SENT)
    older = an_attempt(message)
    an_attempt(message)

    receive(older, "failed", "30008")

    assert fresh(message).status is MessageStatus.SENT


def test_two_acceptances_are_shown_as_having_gone_out_twice() -> None:
    message = a_message(status=MessageStatus.SENT)
    older = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None)
    an_attempt(message)

    receive(older, "sent")

    assert fresh(message).went_out_twice


def test_a_failed_message_that_is_retried_is_not_failed_again_by_its_old_receipt() -> None:
    message, attempt = a_sent()
    receive(attempt, "undelivered", "30008")

    retry.retry(fresh(message), by=BELLHOP)
    receive(attempt, "undelivered", "30008")

    assert fresh(message).status is MessageStatus.WAITING


def test_a_receipt_that_did_not_come_is_asked_for_by_id(post: Post) -> None:
    message = a_message(status=MessageStatus.SENT)
    attempt = an_attempt(message, next_ask_at=now())
    post.sms.asked = {attempt.provider_id: Sighting(attempt.provider_id, "delivered")}

    assert receipts.ask_due() == 1
    assert fresh(message).status is MessageStatus.DELIVERED and attempt.next_ask_at is None


def test_a_mail_is_never_asked_about(post: Post) -> None:
    from webapp.services import delivery

    message = a_message(a_booking(BookingStatus.CONFIRMED), channel=ChannelName.EMAIL)
    delivery.drain(message.guest_id)

    assert fresh(message).attempts[0].next_ask_at is None


@pytest.mark.parametrize(("written", "named", "moves"), [
    ("", "", True),  # Both before the worker wrote what the server called it.
    ("queued-7", "", True),  # The worker wrote it between the reading of the returned mail and its keeping.
    ("queued-7", "queued-7", True), ("", "queued-7", True), ("queued-7", "queued-8", False),
])  # fmt: skip
def test_a_returned_mail_that_overtakes_its_worker_is_not_lost(written: str, named: str, moves: bool) -> None:
    message, attempt = a_sent(channel=ChannelName.EMAIL, to="amelia@example.com")
    attempt.provider_id = written
    db.session.commit()

    came = receipts.receive(attempt.token, provider_id=named, status="undelivered", code="5.1.1", source="bounce")

    assert came is moves
    assert fresh(message).status is (MessageStatus.FAILED if moves else MessageStatus.SENT)
