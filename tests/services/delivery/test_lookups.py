"""What is unknown is looked up before anything is sent again."""

from datetime import timedelta

import pytest

from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import expire_lease, fresh
from tests.support.scripted import Post
from webapp.channels.base import Sighting, Unknown
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import Attempt, AttemptOutcome, ChannelName, MessageStatus
from webapp.services.delivery import lookups, settle

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def an_uncertain(channel: ChannelName = ChannelName.SMS, **given):
    message = a_message(channel=channel, status=MessageStatus.UNCERTAIN, error_code="unknown")
    facts = {"outcome": AttemptOutcome.UNKNOWN, "provider_id": None, "next_look_at": now()} | given
    return message, an_attempt(message, **facts)


def look_again(attempt: Attempt) -> None:
    with writing():
        db.session.get_one(Attempt, attempt.id).next_look_at = now()
    lookups.look_up_due()


def test_exactly_one_unknown_sighting_is_ours(post: Post) -> None:
    message, attempt = an_uncertain()
    post.sms.sightings = [Sighting("SM7", "delivered")]

    assert lookups.look_up_due() == 1
    assert fresh(message).status is MessageStatus.SENT and attempt.provider_id == "SM7"


def test_a_sighting_that_is_known_as_another_attempts_does_not_count(post: Post) -> None:
    known = an_attempt(a_message(status=MessageStatus.SENT))
    message, attempt = an_uncertain()
    post.sms.sightings = [Sighting(known.provider_id, "sent")]

    lookups.look_up_due()

    assert fresh(message).status is MessageStatus.UNCERTAIN and attempt.good_looks == 1


def test_two_good_looks_without_a_trace_send_it_again_and_use_a_try(post: Post) -> None:
    message, attempt = an_uncertain()

    lookups.look_up_due()
    look_again(attempt)

    assert (fresh(message).status, message.tries_used) == (MessageStatus.WAITING, 1)


def test_several_sightings_are_left_to_a_person(post: Post) -> None:
    message, _ = an_uncertain()
    post.sms.sightings = [Sighting("SM7", "sent"), Sighting("SM8", "sent")]

    lookups.look_up_due()

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "may_have_arrived")


@pytest.mark.parametrize(
    ("rival", "is_ours"),
    [
        ({}, False),
        ({"good_looks": 2}, True),
        ({"good_looks": 2, "code": "no_answer"}, False),
        ({"started_at": later(-7200), "ended_at": later(-7000)}, True),
        ({"started_at": later(-7200), "ended_at": later(-7000), "good_looks": 2, "code": "no_answer"}, True),
        ({"started_at": later(-7200), "ended_at": later(-10)}, False),
        ({"started_at": later(-7200), "ended_at": later(-10), "good_looks": 2, "code": "no_answer"}, False),
    ],
    ids=["unknown too", "never taken", "frozen", "long over", "long over, frozen", "answered late", "woke late"],
)
def test_a_sighting_that_may_be_anothers_is_nobodys(post: Post, rival: dict, is_ours: bool) -> None:
    booking = a_booking()
    for_both = {"booking": booking, "status": MessageStatus.UNCERTAIN}
    facts = {"outcome": AttemptOutcome.UNKNOWN, "provider_id": None}
    an_attempt(a_message(**for_both), **(facts | rival))
    message = a_message(**for_both)
    an_attempt(message, **facts, next_look_at=now())
    post.sms.sightings = [Sighting("SM7", "delivered")]

    lookups.look_up_due()

    assert fresh(message).status is (MessageStatus.SENT if is_ours else MessageStatus.UNCERTAIN)


def test_a_frozen_worker_that_wakes_and_knows_nothing_stays_one_without_an_answer(post: Post) -> None:
    """Its two good looks came before it handed over, so a later message's sighting may be its own."""
    _, attempt = an_uncertain(code="no_answer", good_looks=2)

    settle.settle(attempt.token, Unknown("no answer came"))

    assert (attempt.code, attempt.good_looks) == ("no_answer", 2)
    assert attempt.next_look_at is not None


def test_a_look_that_failed_says_nothing(post: Post) -> None:
    message, attempt = an_uncertain()
    post.sms.sightings = None

    lookups.look_up_due()

    assert fresh(message).status is MessageStatus.UNCERTAIN and attempt.good_looks == 0


def test_after_half_an_hour_without_an_answer_it_may_have_arrived(post: Post) -> None:
    message, _ = an_uncertain(started_at=later(-1801))
    post.sms.sightings = None

    lookups.look_up_due()

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "may_have_arrived")


def test_of_two_housekeepers_one_looks(post: Post) -> None:
    _, attempt = an_uncertain()

    assert lookups._claim_look(attempt.token) is not None
    assert lookups._claim_look(attempt.token) is None


def test_an_interrupted_mail_goes_out_once_more_and_then_never_by_itself(post: Post) -> None:
    message, _ = an_uncertain(ChannelName.EMAIL, body_begun=True)

    lookups.look_up_due()
    assert fresh(message).status is MessageStatus.WAITING

    message.status = MessageStatus.UNCERTAIN
    db.session.commit()
    an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=now(), body_begun=True)
    lookups.look_up_due()
    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "may_have_arrived")


def test_a_lease_that_ends_makes_an_sms_uncertain_at_once_to_be_looked_up() -> None:
    message = a_message(status=MessageStatus.SENDING)
    attempt = an_attempt(message, outcome=None, provider_id=None)
    expire_lease(message)

    assert lookups.end_leases() == 1
    assert (fresh(message).status, attempt.outcome) == (MessageStatus.UNCERTAIN, AttemptOutcome.UNKNOWN)
    assert attempt.next_look_at is not None


def test_a_lease_that_is_not_over_is_left_alone() -> None:
    message = a_message(status=MessageStatus.SENDING, lease_until=later(60))
    an_attempt(message, outcome=None)

    assert lookups.end_leases() == 0


def test_a_mail_whose_body_was_not_begun_is_simply_sent_again() -> None:
    message = a_message(channel=ChannelName.EMAIL, status=MessageStatus.SENDING)
    attempt = an_attempt(message, outcome=None, provider_id=None)
    expire_lease(message)

    lookups.end_leases()

    assert (fresh(message).status, attempt.outcome) == (MessageStatus.WAITING, AttemptOutcome.NOT_BEGUN)


def test_a_receipt_that_came_while_the_worker_died_settles_the_message_at_the_lease_end() -> None:
    message = a_message(status=MessageStatus.SENDING)
    an_attempt(message, outcome=None, provider_id="SM1", receipt="delivered", receipt_rank=41)
    expire_lease(message)

    lookups.end_leases()

    assert fresh(message).status is MessageStatus.DELIVERED


def test_what_waited_past_its_time_is_closed_on_any_channel() -> None:
    stale, good = a_message(expires_in=timedelta(seconds=-1)), a_message()

    assert lookups.expire_due() == 1
    assert (fresh(stale).status, fresh(good).status) == (MessageStatus.FAILED, MessageStatus.WAITING)
