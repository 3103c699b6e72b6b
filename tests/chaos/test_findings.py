"""What adversaries found: each interleaving that once lost, doubled or belied a message."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from tests.factories import a_booking, a_message, an_attempt
from tests.services.test_delivery import expire_lease, fresh
from tests.services.test_look_ups import an_uncertain, look_again
from tests.support.scripted import Post
from webapp.channels.base import Accepted, Misconfigured, Permanent, Sighting, Temporary, Unknown
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import (
    AttemptOutcome,
    BookingStatus,
    ChannelName,
    ChannelState,
    Message,
    MessageStatus,
    OptOut,
    PauseKind,
)
from webapp.services import delivery, lane, look_ups, receipts, settle

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def in_the_air(message: Message) -> str:
    """Claim a message, and return its attempt's token."""
    claimed = lane.claim(message.guest_id, message.channel, worker="one")
    assert isinstance(claimed, lane.Claimed)
    return claimed.outgoing.token


def test_a_hand_over_that_is_given_back_is_not_tried_again_when_an_older_one_arrived(post: Post) -> None:
    """The older one's receipt comes while the retry is in hand, and the retry is given back unsent."""
    message = a_message()
    older = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None)
    token = in_the_air(message)
    receipts.receive(older.token, provider_id="SM1", status="delivered")

    settle.not_begun(token)

    assert fresh(message).status is MessageStatus.DELIVERED


def test_a_database_that_is_locked_just_before_a_mail_gives_the_mail_back(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = a_message(channel=ChannelName.EMAIL)

    def locked() -> None:
        monkeypatch.setattr(delivery, "writing", writing)
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(delivery, "writing", locked)
    delivery.drain(message.guest_id)

    assert (fresh(message).status, post.email.handed) == (MessageStatus.WAITING, [])
    assert [a.outcome for a in message.attempts] == [AttemptOutcome.NOT_BEGUN]


def test_a_mail_whose_lease_ended_before_its_body_is_not_begun_by_a_worker_that_wakes(post: Post) -> None:
    """It froze after its last look at the clock: the row itself says that another has taken over."""
    message = a_message(channel=ChannelName.EMAIL)
    claimed = lane.claim(message.guest_id, ChannelName.EMAIL, worker="one")
    assert isinstance(claimed, lane.Claimed)
    expire_lease(message)
    look_ups.end_leases()

    delivery.deliver(claimed)

    assert post.email.handed == [] and fresh(message).status is MessageStatus.WAITING


def test_sent_is_taken_back_when_its_only_proof_is(post: Post) -> None:
    """An older attempt proved it, and is refused later; the newest one was never taken."""
    message = a_message()
    older = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None)
    an_attempt(message, outcome=AttemptOutcome.TEMPORARY, provider_id=None)
    receipts.receive(older.token, provider_id="SM1", status="sent")

    receipts.receive(older.token, provider_id="SM1", status="undelivered", code="30005")

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "30005")


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (Temporary("20503"), MessageStatus.WAITING),
        (Misconfigured("20003"), MessageStatus.WAITING),
        (Permanent("21211"), MessageStatus.FAILED),
        (Permanent("21610"), MessageStatus.FAILED),
        (None, MessageStatus.WAITING),
    ],
)
def test_a_late_answer_that_is_certain_ends_the_doubt(answer, status: MessageStatus) -> None:
    """The lease is over; until now such a message waited half an hour for a list that does not answer, and failed."""
    message = a_message()
    token = in_the_air(message)
    expire_lease(message)
    look_ups.end_leases()

    settle.settle(token, answer) if answer else settle.not_begun(token)

    assert fresh(message).status is status and message.attempts[0].next_look_at is None
    assert db.session.query(OptOut).count() == (answer == Permanent("21610"))


@pytest.mark.parametrize("answer", [Unknown("cut"), Temporary("20503"), Accepted("SM1")])
def test_a_failure_that_was_reported_before_our_own_answer_came_is_not_sent_again(answer) -> None:
    message = a_message()
    token = in_the_air(message)
    receipts.receive(token, provider_id="SM1", status="undelivered", code="30005")

    settle.settle(token, answer)

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "30005")
    assert message.attempts[0].next_look_at is None


def test_what_a_look_found_is_not_forgotten_for_an_answer_that_knows_nothing(post: Post) -> None:
    message = a_message()
    token = in_the_air(message)
    expire_lease(message)
    look_ups.end_leases()
    post.sms.sightings = [Sighting("SM7", "sent")]
    look_ups.look_up_due()

    settle.settle(token, Unknown("the answer never came"))

    assert fresh(message).status is MessageStatus.SENT
    assert (message.attempts[0].outcome, message.attempts[0].next_look_at) == (AttemptOutcome.ACCEPTED, None)


def test_one_sighting_that_could_be_either_of_two_is_neither(post: Post) -> None:
    """Both texts name the booking: the wrong guess would lose one message and double the other."""
    booking = a_booking(BookingStatus.CONFIRMED)
    (first, other), (second, attempt) = [_uncertain_of(booking) for _ in range(2)]
    post.sms.sightings = [Sighting("SM7", "sent")]

    look_ups.look_up_due()
    look_again(attempt)

    assert {fresh(first).status, fresh(second).status} == {MessageStatus.UNCERTAIN}
    receipts.receive(other.token, provider_id="SM7", status="sent")
    look_again(attempt)
    assert (fresh(first).status, attempt.good_looks) == (MessageStatus.SENT, 1)


def _uncertain_of(booking):
    message = a_message(booking, status=MessageStatus.UNCERTAIN, error_code="unknown", stepped_aside=True)
    return message, an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=now())


def test_one_copy_that_two_attempts_know_of_did_not_go_out_twice(post: Post) -> None:
    """The older attempt's message shows up late and is taken for the newer one's; then its receipt comes."""
    message, older = an_uncertain(next_look_at=None)
    newer = an_attempt(message, outcome=AttemptOutcome.UNKNOWN, provider_id=None, next_look_at=now())
    post.sms.sightings = [Sighting("SM7", "sent")]
    look_ups.look_up_due()

    receipts.receive(older.token, provider_id="SM7", status="delivered")

    assert fresh(message).status is MessageStatus.DELIVERED and newer.provider_id == "SM7"
    assert not message.went_out_twice


def test_a_demo_guests_message_does_not_use_up_the_probe_of_a_real_channel(post: Post) -> None:
    with writing():
        state = db.session.get_one(ChannelState, ChannelName.SMS)
        state.pause_kind, state.pause_seconds, state.paused_until = PauseKind.BREAKER, 300, now()
    demo, real = a_message(simulated=True), a_message()

    delivery.drain(demo.guest_id)
    delivery.drain(real.guest_id)

    assert fresh(real).status is MessageStatus.SENT
    assert db.session.get_one(ChannelState, ChannelName.SMS).pause_kind is None


def test_a_probe_that_answers_late_lets_nobody_pass_while_a_newer_one_is_under_way() -> None:
    with writing():
        state = db.session.get_one(ChannelState, ChannelName.SMS)
        state.pause_kind, state.pause_seconds, state.paused_until = PauseKind.BREAKER, 5, now()
    first = a_message()
    late = in_the_air(first)
    expire_lease(first)
    look_ups.end_leases()
    with writing():
        db.session.get_one(ChannelState, ChannelName.SMS).paused_until = now()
    in_the_air(a_message())

    settle.settle(late, Temporary("refused"))

    left = db.session.get_one(ChannelState, ChannelName.SMS).paused_until - db.session.scalars(db.select(now())).one()
    assert left > timedelta(seconds=60)
