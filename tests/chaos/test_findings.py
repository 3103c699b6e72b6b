"""What adversaries found: each interleaving that once lost, doubled or belied a message."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from tests.factories import a_booking, a_message, an_attempt
from tests.services.delivery.test_draining import expire_lease, fresh
from tests.services.delivery.test_lookups import an_uncertain, look_again
from tests.support.scripted import Post
from webapp import clock
from webapp.channels.base import Accepted, Misconfigured, Permanent, Sighting, Temporary, Unknown
from webapp.database import later, now, writing
from webapp.duties import ring
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
from webapp.services import delivery
from webapp.services.delivery import claim, draining, lookups, receipts, settle
from webapp.services.delivery.worker_slots import in_hand

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def in_the_air(message: Message) -> str:
    """Claim a message, and return its attempt's token."""
    claimed = claim.claim(message.guest_id, message.channel, worker="one")
    assert isinstance(claimed, claim.Claimed)
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
        monkeypatch.setattr(draining, "writing", writing)
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(draining, "writing", locked)
    delivery.drain(message.guest_id)

    assert (fresh(message).status, post.email.handed) == (MessageStatus.WAITING, [])
    assert [a.outcome for a in message.attempts] == [AttemptOutcome.NOT_BEGUN]


def test_a_mail_whose_lease_ended_before_its_body_is_not_begun_by_a_worker_that_wakes(post: Post) -> None:
    """It froze after its last look at the clock: the row itself says that another has taken over."""
    message = a_message(channel=ChannelName.EMAIL)
    claimed = claim.claim(message.guest_id, ChannelName.EMAIL, worker="one")
    assert isinstance(claimed, claim.Claimed)
    expire_lease(message)
    lookups.end_leases()

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
    lookups.end_leases()

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
    lookups.end_leases()
    post.sms.sightings = [Sighting("SM7", "sent")]
    lookups.look_up_due()

    settle.settle(token, Unknown("the answer never came"))

    assert fresh(message).status is MessageStatus.SENT
    assert (message.attempts[0].outcome, message.attempts[0].next_look_at) == (AttemptOutcome.ACCEPTED, None)


def test_one_sighting_that_could_be_either_of_two_is_neither(post: Post) -> None:
    """Both texts name the booking: the wrong guess would lose one message and double the other."""
    booking = a_booking(BookingStatus.CONFIRMED)
    (first, other), (second, attempt) = [_uncertain_of(booking) for _ in range(2)]
    post.sms.sightings = [Sighting("SM7", "sent")]

    lookups.look_up_due()
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
    lookups.look_up_due()

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
    lookups.end_leases()
    with writing():
        db.session.get_one(ChannelState, ChannelName.SMS).paused_until = now()
    in_the_air(a_message())

    settle.settle(late, Temporary("refused"))

    left = db.session.get_one(ChannelState, ChannelName.SMS).paused_until - db.session.scalars(db.select(now())).one()
    assert left > timedelta(seconds=60)


def test_a_second_lost_answer_is_found_although_an_earlier_message_was_never_taken(post: Post) -> None:
    """Two good looks had cleared the earlier one; it was counted as a rival, and the second ended as a failure."""
    booking = a_booking(BookingStatus.CONFIRMED)
    cleared, _ = _uncertain_of(booking)[1], lookups.look_up_due()
    look_again(cleared)
    message, attempt = _uncertain_of(booking)
    post.sms.sightings = [Sighting("SM7", "sent")]

    lookups.look_up_due()

    assert (fresh(message).status, attempt.provider_id) == (MessageStatus.SENT, "SM7")


def test_an_accepted_whose_last_receipt_came_first_is_not_asked_about() -> None:
    message = a_message()
    token = in_the_air(message)
    receipts.receive(token, provider_id="SM1", status="delivered")

    settle.settle(token, Accepted("SM1"))

    assert fresh(message).status is MessageStatus.DELIVERED and message.attempts[0].next_ask_at is None


def test_half_an_hour_is_half_an_hour(post: Post) -> None:
    """However far apart looks are, the last one is at the moment of giving up."""
    message, attempt = an_uncertain(started_at=later(-1760), looks=5)
    post.sms.sightings = None

    lookups.look_up_due()

    assert fresh(message).status is MessageStatus.UNCERTAIN
    assert timedelta(seconds=1795) < attempt.next_look_at - attempt.started_at < timedelta(seconds=1805)


def test_to_find_that_nothing_expires_nothing_is_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sweep took SQLite's one write lock, which a click then waited for."""
    a_message()
    monkeypatch.setattr(lookups, "writing", lambda: pytest.fail("the write lock was taken"))

    assert lookups.expire_due() == 0


@pytest.mark.settings(sms_per_second=5)
def test_a_sender_at_its_rate_holds_no_other_channel_of_the_guest_back(post: Post) -> None:
    """The drain used to end there; now the others go first, and then it waits for the sender's next moment."""
    booking = a_booking(BookingStatus.CONFIRMED)
    delivery.drain(a_message().guest_id)
    sms, mail = a_message(booking), a_message(booking, channel=ChannelName.EMAIL)

    delivery.drain(booking.guest_id)

    assert [fresh(sms).status, fresh(mail).status] == [MessageStatus.SENT, MessageStatus.SENT]
    assert mail.sent_at < sms.sent_at
    first, second = (sent.started_at for sent in post.sms.handed)
    assert second - first >= timedelta(seconds=0.19)


@pytest.mark.settings(sms_per_second=0.001)
def test_nobody_waits_longer_for_a_sender_than_a_bell_may_take(post: Post) -> None:
    delivery.drain(a_message().guest_id)
    waiting, mail = a_message(), a_message(channel=ChannelName.EMAIL)

    assert delivery.drain(waiting.guest_id) == 0

    assert fresh(waiting).status is MessageStatus.WAITING and waiting.attempts_made == 0
    assert claim.due_lanes(9) == [mail.guest_id]  # It is not rung for until the sender may.


def test_the_ring_calls_first_for_lanes_that_nobody_is_on(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd that waits in this worker for slots used to hide the lanes of all other channels from the sweep."""
    monkeypatch.setattr(ring, "LANES", 2)
    parked, others = [a_message() for _ in range(3)], [a_message(channel=ChannelName.EMAIL) for _ in range(2)]

    with full(ChannelName.SMS):
        for message in parked:
            delivery.drain(message.guest_id)
        rung = ring.lanes()

    assert rung == [message.guest_id for message in others]


@contextmanager
def full(channel: ChannelName) -> Iterator[None]:
    """A worker of one slot, which is taken."""
    in_hand.slots = 1
    with in_hand.slot(channel):
        yield


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="Linux alone has this clock")
def test_a_lease_runs_on_while_the_machine_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """CLOCK_MONOTONIC stands still then: a laptop that wakes would trust a lease that ended long ago."""
    slept = time.clock_gettime(time.CLOCK_BOOTTIME) + 3600
    monkeypatch.setattr(clock.time, "clock_gettime", lambda which: slept if which == time.CLOCK_BOOTTIME else 0)

    assert clock.monotonic() == slept


@pytest.mark.settings(retry_delays=(0.0001,) * 3)
def test_a_message_alone_on_a_dead_channel_does_not_use_up_its_tries(post: Post) -> None:
    """The breaker opens at five failures, and a quiet desk's one message had failed for good at its fourth."""
    message = a_message()
    post.sms.answers = [Temporary("refused")] * 9

    for _ in range(6):
        delivery.drain(message.guest_id)

    assert (fresh(message).status, message.tries_used) == (MessageStatus.WAITING, 3)
    assert db.session.get_one(ChannelState, ChannelName.SMS).pause_kind is PauseKind.BREAKER


def test_a_message_that_alone_fails_while_others_go_ends_after_its_tries(post: Post) -> None:
    """Were it to open the breaker, one bad message could hold up a channel that works."""
    message = a_message()
    for _ in range(4):
        with writing():
            db.session.get_one(Message, message.id).due_at = now()
        post.sms.answers = [Temporary("20503")]
        delivery.drain(message.guest_id)
        delivery.drain(a_message().guest_id)

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "tries_used_up")
    assert db.session.get_one(ChannelState, ChannelName.SMS).pause_kind is None


def test_a_probe_that_failed_lets_another_message_be_the_next(post: Post) -> None:
    """The longest due is rung for first: the same message would be every probe, even where it alone is refused."""
    with writing():
        state = db.session.get_one(ChannelState, ChannelName.SMS)
        state.pause_kind, state.pause_seconds, state.paused_until = PauseKind.BREAKER, 5, now()
    first, other = a_message(), a_message()
    post.sms.answers = [Temporary("refused")]
    delivery.drain(first.guest_id)
    with writing():
        db.session.get_one(ChannelState, ChannelName.SMS).paused_until = now()

    assert claim.due_lanes(9) == [other.guest_id]
