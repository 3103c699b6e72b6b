"""The lane protocol, on both databases: claim, hand over, settle, retry."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.factories import a_booking, a_message
from tests.support.scripted import Post
from webapp.channels.base import Accepted, Misconfigured, Outgoing, Permanent, Scope, Temporary, Unknown
from webapp.database import now, read_now
from webapp.duties import ring
from webapp.extensions import db
from webapp.models import (
    AttemptOutcome,
    BookingStatus,
    ChannelName,
    ChannelState,
    Event,
    Message,
    MessageStatus,
    OptOut,
    PauseKind,
)
from webapp.services import bookings, delivery
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate, claim, lookups
from webapp.services.delivery.claim import Claimed
from webapp.services.delivery.worker_slots import in_hand

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def fresh(message: Message) -> Message:
    return db.session.scalars(
        select(Message).where(Message.id == message.id).execution_options(populate_existing=True)
    ).one()


def test_a_confirmation_goes_out_once_on_each_channel_in_order(post: Post) -> None:
    booking = a_booking()
    bookings.confirm(booking, by=BELLHOP)

    delivery.drain(booking.guest_id)

    assert [o.channel for o in post.handed] == list(ChannelName)
    assert {m.status for m in booking.messages} == {MessageStatus.SENT}
    assert all(len(m.attempts) == 1 and m.attempts[0].outcome is AttemptOutcome.ACCEPTED for m in booking.messages)


def test_ten_bells_send_one_message(post: Post) -> None:
    message = a_message()

    for _ in range(10):
        delivery.drain(message.guest_id)

    assert len(post.handed) == 1


def test_a_lane_that_is_being_served_is_not_claimed_by_another(post: Post) -> None:
    booking = a_booking()
    bookings.confirm(booking, by=BELLHOP)

    first = claim.claim(booking.guest_id, ChannelName.SMS, worker="one")

    assert isinstance(first, Claimed)
    assert claim.claim(booking.guest_id, ChannelName.EMAIL, worker="two") is None


def test_a_refusal_that_may_pass_is_put_off_and_holds_its_channel_back(post: Post) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    first, second, mail = a_message(booking), a_message(booking), a_message(booking, channel=ChannelName.EMAIL)
    post.sms.answers = [Temporary("20503", scope=Scope.RECIPIENT)]

    delivery.drain(booking.guest_id)

    assert (fresh(first).status, first.tries_used) == (MessageStatus.WAITING, 1)
    assert timedelta(seconds=50) < first.due_at - first.attempts[0].ended_at < timedelta(seconds=80)
    assert fresh(second).status is MessageStatus.WAITING and second.attempts_made == 0
    assert fresh(mail).status is MessageStatus.SENT


@pytest.mark.settings(retry_delays=(0.0001, 0.0001, 0.0001))
def test_after_one_try_and_three_retries_it_has_failed(post: Post) -> None:
    message = a_message()
    post.sms.answers = [Temporary("20503", scope=Scope.RECIPIENT)] * 9

    for _ in range(8):
        delivery.drain(message.guest_id)

    assert (fresh(message).status, message.error_code, message.attempts_made) == (
        MessageStatus.FAILED,
        "tries_used_up",
        4,
    )


def test_too_many_requests_use_no_try_and_wait_as_long_as_asked(post: Post) -> None:
    message = a_message()
    post.sms.answers = [Temporary("20429", retry_after=30, uses_try=False)]

    delivery.drain(message.guest_id)

    assert fresh(message).tries_used == 0
    assert timedelta(seconds=25) < message.due_at - read_now() < timedelta(seconds=31)


def test_a_message_put_off_for_long_steps_aside(post: Post) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    first, second = a_message(booking), a_message(booking)
    post.sms.answers = [Temporary("21611", scope=Scope.RECIPIENT, retry_after=1000)]

    delivery.drain(booking.guest_id)

    assert fresh(first).stepped_aside and fresh(second).status is MessageStatus.SENT


def test_a_refusal_for_good_fails_at_once(post: Post) -> None:
    message = a_message()
    post.sms.answers = [Permanent("21211")]

    delivery.drain(message.guest_id)

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "21211")


def test_a_stop_is_remembered(post: Post) -> None:
    message = a_message()
    post.sms.answers = [Permanent("21610")]

    delivery.drain(message.guest_id)
    later = a_message(message.booking)
    delivery.drain(message.guest_id)

    assert db.session.scalars(select(OptOut.address)).all() == [message.to]
    assert (fresh(later).status, later.error_code) == (MessageStatus.SKIPPED, "opted_out")


def test_our_own_wrong_account_pauses_the_channel_and_uses_no_try(post: Post) -> None:
    message = a_message()
    post.sms.answers = [Misconfigured("20003", "bad credentials")]

    delivery.drain(message.guest_id)

    state = db.session.get_one(ChannelState, ChannelName.SMS)
    assert (fresh(message).status, message.tries_used) == (MessageStatus.WAITING, 0)
    assert state.pause_kind is PauseKind.MISCONFIGURED and state.paused_until > read_now()


def test_a_lost_answer_is_looked_up_and_not_sent_again(post: Post) -> None:
    message = a_message()
    post.sms.answers = [Unknown("read timeout")]

    delivery.drain(message.guest_id)
    delivery.drain(message.guest_id)

    assert fresh(message).status is MessageStatus.UNCERTAIN
    assert len(post.handed) == 1 and message.attempts[0].next_look_at is not None


def test_a_fault_of_ours_after_the_first_byte_counts_as_unknown(post: Post) -> None:
    message = a_message()
    post.sms.answers = [ZeroDivisionError()]

    delivery.drain(message.guest_id)

    assert fresh(message).status is MessageStatus.UNCERTAIN


@pytest.mark.settings(lease_seconds=90)
def test_a_claim_whose_lease_is_nearly_over_is_given_back_unsent(post: Post) -> None:
    message = a_message()
    post.sms.deadline = 91

    delivery.drain(message.guest_id)

    assert post.sms.handed == []
    assert fresh(message).status is MessageStatus.WAITING
    assert message.attempts[0].outcome is AttemptOutcome.NOT_BEGUN


def test_an_expired_message_is_closed_unsent_and_the_lane_goes_on(post: Post) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    stale, good = a_message(booking, expires_in=timedelta(seconds=-1)), a_message(booking)

    delivery.drain(booking.guest_id)

    assert (fresh(stale).status, stale.error_code, stale.attempts_made) == (MessageStatus.FAILED, "expired", 0)
    assert fresh(good).status is MessageStatus.SENT


def test_a_cancellation_takes_the_place_of_an_unsent_confirmation(post: Post) -> None:
    booking = a_booking()
    bookings.confirm(booking, by=BELLHOP)

    bookings.cancel(booking, by=BELLHOP)
    delivery.drain(booking.guest_id)

    assert {o.event for o in post.handed} == {Event.BOOKING_CANCELLED}


def test_a_paused_channel_holds_its_messages_and_lets_others_go(post: Post) -> None:
    booking = a_booking()
    channel_gate.pause(ChannelName.SMS, why="Wrong sender", by=BELLHOP)
    bookings.confirm(booking, by=BELLHOP)

    delivery.drain(booking.guest_id)

    assert {o.channel for o in post.handed} == {ChannelName.WHATSAPP, ChannelName.EMAIL}
    channel_gate.resume(ChannelName.SMS, by=BELLHOP)
    delivery.drain(booking.guest_id)
    assert len(post.sms.handed) == 1


def test_five_channel_wide_failures_in_a_row_open_the_breaker(post: Post) -> None:
    post.sms.answers = [Temporary("refused")] * 5
    messages = [a_message() for _ in range(7)]

    for message in messages:
        delivery.drain(message.guest_id)

    assert len(post.sms.handed) == 5
    assert db.session.get_one(ChannelState, ChannelName.SMS).pause_kind is PauseKind.BREAKER


def test_a_probe_that_works_closes_the_breaker(post: Post) -> None:
    with_breaker_open()
    message = a_message()

    delivery.drain(message.guest_id)

    assert fresh(message).status is MessageStatus.SENT
    assert db.session.get_one(ChannelState, ChannelName.SMS).pause_kind is None


def test_a_probe_that_fails_uses_no_try_and_doubles_the_pause(post: Post) -> None:
    with_breaker_open()
    message = a_message()
    post.sms.answers = [Temporary("refused")]

    delivery.drain(message.guest_id)

    assert fresh(message).tries_used == 0
    assert db.session.get_one(ChannelState, ChannelName.SMS).pause_seconds == 10


def test_only_one_probe_is_taken(post: Post) -> None:
    with_breaker_open()
    first, second = a_message(), a_message()

    assert isinstance(claim.claim(first.guest_id, ChannelName.SMS, worker="one"), Claimed)
    assert claim.claim(second.guest_id, ChannelName.SMS, worker="two") is None


def with_breaker_open() -> None:
    state = db.session.get_one(ChannelState, ChannelName.SMS)
    state.pause_kind, state.pause_seconds, state.failures_in_row = PauseKind.BREAKER, 5, 5
    state.paused_until = now()
    db.session.commit()


def test_a_stopped_worker_claims_no_more(post: Post) -> None:
    message = a_message()
    in_hand.stop()

    delivery.drain(message.guest_id)

    assert post.handed == []


def test_a_lane_that_waits_for_a_slot_goes_on_with_its_other_channels(post: Post) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    sms = a_message(booking)
    in_hand.slots = 1

    with in_hand.slot(ChannelName.SMS):
        delivery.drain(booking.guest_id)
        mail = a_message(booking, channel=ChannelName.EMAIL)
        delivery.drain(booking.guest_id)

    assert (fresh(sms).status, fresh(mail).status) == (MessageStatus.WAITING, MessageStatus.SENT)


def test_the_ring_finds_the_lanes_that_a_claim_would_take(post: Post) -> None:
    due, later = a_message(), a_message(due_in=timedelta(minutes=1))
    paused = a_message(channel=ChannelName.WHATSAPP)
    channel_gate.pause(ChannelName.WHATSAPP, why="Down", by=BELLHOP)

    lanes = claim.due_lanes(10)

    assert lanes == [due.guest_id] and later.guest_id not in lanes and paused.guest_id not in lanes


def test_a_crowd_that_waits_for_slots_hides_no_other_channel(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, the longest-due lanes were rung again and again, and a later one on a free channel was never reached."""
    monkeypatch.setattr("webapp.services.delivery.worker_slots.CROWD", 1)
    monkeypatch.setattr(ring, "LANES", 1)
    first, _second, mail = a_message(), a_message(), a_message(channel=ChannelName.EMAIL)
    in_hand.slots = 1

    with in_hand.slot(ChannelName.SMS):
        delivery.drain(first.guest_id)
        lanes = ring.lanes()

    assert lanes == [mail.guest_id] and post.handed == []


def test_a_late_answer_past_the_lease_still_counts(post: Post) -> None:
    """The worker froze in its hand-over; the lease ended; then it wakes with an Accepted."""
    message = a_message()

    def freeze(outgoing: Outgoing) -> Accepted:
        expire_lease(message)
        lookups.end_leases()
        assert fresh(message).status is MessageStatus.UNCERTAIN
        return Accepted("SM1")

    post.sms.answers = [freeze]
    delivery.drain(message.guest_id)

    assert fresh(message).status is MessageStatus.SENT


def expire_lease(message: Message) -> None:
    db.session.execute(Message.__table__.update().where(Message.id == message.id).values(lease_until=now()))
    db.session.commit()
