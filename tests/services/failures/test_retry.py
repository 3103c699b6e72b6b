"""Sending a failed message again: who may be second, what is refused, and that the order is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from tests.support.scripted import Post
from webapp.channels.base import Permanent
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import Action, AttemptOutcome, Audit, BookingStatus, Message, MessageStatus
from webapp.services import delivery
from webapp.services.audit import Actor
from webapp.services.failures import retry

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ADA = Actor("Ada Moreau")


def a_failure(code: str = "30005", **given: object) -> Message:
    message = a_message(status=MessageStatus.FAILED, error_code=code, tries_used=4, **given)
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code=code)
    return message


def test_it_waits_in_its_old_place_with_fresh_tries(bells: list[int]) -> None:
    message = a_failure()
    seq = message.seq

    retry.retry(message, by=ADA, token=message.token)

    again = fresh(message)
    assert (again.status, again.seq, again.tries_used, again.error_code) == (MessageStatus.WAITING, seq, 0, "")
    assert (again.retried_by, again.attempts_made) == ("Ada Moreau", 1)
    assert bells == [message.guest_id]


def test_it_is_written_down() -> None:
    message = a_failure()

    retry.retry(message, by=ADA)

    act = db.session.scalars(select(Audit).where(Audit.action == Action.MESSAGE_RETRIED)).one()
    assert (act.actor, act.message_id, act.booking_id) == ("Ada Moreau", message.id, message.booking_id)


def test_it_goes_out_before_what_waits_behind_it(post: Post) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    first = a_failure(booking=booking, body="first")
    a_message(booking, body="second")

    retry.retry(first, by=ADA)
    delivery.drain(booking.guest_id)

    assert [outgoing.body for outgoing in post.handed] == ["first", "second"]


def test_it_may_fail_and_be_sent_again(post: Post) -> None:
    post.sms.answers = [Permanent("30005")]
    message = a_failure()
    retry.retry(message, by=ADA)
    delivery.drain(message.guest_id)

    retry.retry(fresh(message), by=ADA)

    assert (fresh(message).status, fresh(message).attempts_made) == (MessageStatus.WAITING, 2)


@pytest.mark.parametrize("status", [status for status in MessageStatus if status is not MessageStatus.FAILED])
def test_only_a_failed_one_is_sent_again(status: MessageStatus) -> None:
    message = a_message(status=status)

    with pytest.raises(Conflict):
        retry.retry(message, by=ADA)

    assert fresh(message).status is status


def test_one_that_failed_again_since_it_was_seen_is_refused() -> None:
    message = a_failure()
    seen = message.token
    an_attempt(message, outcome=AttemptOutcome.PERMANENT)

    with pytest.raises(Conflict, match="Somebody else"):
        retry.retry(message, by=ADA, token=seen)

    assert fresh(message).status is MessageStatus.FAILED


def test_a_form_without_its_token_is_refused() -> None:
    with pytest.raises(Conflict):
        retry.retry(a_failure(), by=ADA, token="")


def test_one_that_has_expired_is_refused() -> None:
    with pytest.raises(Conflict, match="expired"):
        retry.retry(a_failure(expires_in=timedelta(seconds=-1)), by=ADA)


def test_one_that_is_no_longer_true_is_refused() -> None:
    with pytest.raises(Conflict, match="no longer true"):
        retry.retry(a_failure(booking=a_booking(BookingStatus.CANCELLED)), by=ADA)


def test_a_refusal_leaves_no_trace(bells: list[int]) -> None:
    with pytest.raises(Conflict):
        retry.retry(a_message(status=MessageStatus.SENT), by=ADA)

    assert db.session.scalar(select(Audit.id).where(Audit.action == Action.MESSAGE_RETRIED)) is None
    assert bells == []


def test_there_is_no_message_of_an_unknown_id() -> None:
    with pytest.raises(NotFound):
        retry.get(4711)
