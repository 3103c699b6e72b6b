"""A guest who cannot be reached on one channel is told on the next: once, and only while the news is true."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from tests.factories import a_booking, a_message, a_payment, an_attempt
from tests.services.delivery.test_draining import fresh
from tests.services.texts.test_versions import statements
from tests.support.scripted import Post
from webapp.channels.base import Permanent
from webapp.database import now, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import Booking, BookingStatus, ChannelName, Event, FallbackOrder, Message, MessageStatus, OptOut
from webapp.services import bookings, delivery, messages, payments
from webapp.services.audit import Actor
from webapp.services.bookings import edit, undo
from webapp.services.bookings import view as booking_view
from webapp.services.delivery import receipts
from webapp.services.failures import replace, retry
from webapp.services.messages import channel_order, compose, fallback, preview
from webapp.words import Word

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
SMS, WHATSAPP, EMAIL = ChannelName.SMS, ChannelName.WHATSAPP, ChannelName.EMAIL
ROSA = Actor("Rosa Silva")
NO_USER = Permanent("63003")


@pytest.fixture(autouse=True)
def order(app: Flask) -> None:
    an_order(WHATSAPP, SMS, EMAIL)


def an_order(*channels: ChannelName, event: Event = Event.BOOKING_CONFIRMED) -> None:
    with writing():
        db.session.merge(FallbackOrder(event=event, channels=[str(channel) for channel in channels], by="Aisha Bello"))


def confirmed(**given: Any) -> Booking:
    booking = a_booking(**given)
    bookings.confirm(booking, by=ROSA)
    return booking


def told(booking: Booking) -> list[tuple[ChannelName, MessageStatus, bool]]:
    db.session.rollback()
    db.session.refresh(booking)
    return [(m.channel, m.status, m.falls_back) for m in sorted(booking.messages, key=lambda m: m.id)]


def unreached(post: Post, *codes: str, **given: Any) -> Booking:
    """A booking whose confirmation failed on WhatsApp."""
    post.whatsapp.answers = [Permanent(code) for code in codes or ("63003",)]
    booking = confirmed(**given)
    delivery.drain(booking.guest_id)
    return booking


def only(booking: Booking) -> Message:
    db.session.rollback()
    return db.session.scalars(select(Message).where(Message.booking_id == booking.id)).one()


def test_only_the_first_channel_of_the_order_is_told_on() -> None:
    assert told(confirmed()) == [(WHATSAPP, MessageStatus.WAITING, True)]


def test_an_event_without_an_order_tells_on_all_as_always() -> None:
    booking = a_booking()

    bookings.decline(booking, by=ROSA)

    assert {(channel, falls_back) for channel, _, falls_back in told(booking)} == {
        (SMS, False), (WHATSAPP, False), (EMAIL, False),
    }  # fmt: skip


def test_a_channel_that_is_not_in_the_order_is_told_on_beside_it() -> None:
    an_order(WHATSAPP, SMS)

    assert told(confirmed()) == [(WHATSAPP, MessageStatus.WAITING, True), (EMAIL, MessageStatus.WAITING, False)]


def test_the_first_channel_is_the_first_that_the_guest_can_be_reached_on() -> None:
    with writing():
        db.session.add(OptOut(channel=WHATSAPP, address="+14155559999", source="a test"))

    assert told(confirmed(phone="+14155559999")) == [(SMS, MessageStatus.WAITING, True)]
    assert told(confirmed(channels=[SMS])) == [(SMS, MessageStatus.WAITING, False)]


@pytest.mark.settings(whatsapp_provider="off")
def test_a_channel_that_is_off_is_no_first_channel() -> None:
    assert told(confirmed(channels=[WHATSAPP, SMS])) == [(SMS, MessageStatus.WAITING, False)]


def test_where_no_channel_of_the_order_can_be_used_each_says_why() -> None:
    with writing():
        for channel in (WHATSAPP, SMS):
            db.session.add(OptOut(channel=channel, address="+14155559999", source="a test"))

    booking = confirmed(phone="+14155559999", channels=[WHATSAPP, SMS])

    assert told(booking) == [(SMS, MessageStatus.SKIPPED, False), (WHATSAPP, MessageStatus.SKIPPED, False)]


def test_what_failed_for_good_goes_out_on_the_next_channel(post: Post, bells: list[int]) -> None:
    with request_id.carry_on("of the click"):
        booking = unreached(post)
    bells.clear()

    assert fallback.fall_back_due() == 1

    assert told(booking) == [(WHATSAPP, MessageStatus.FAILED, False), (SMS, MessageStatus.WAITING, True)]
    first, second = booking.messages
    assert (second.fallback_of_id, second.act_id, second.event) == (first.id, first.act_id, first.event)
    assert second.trace_id == first.trace_id == "of the click"
    assert second.seq > first.seq and booking.reference in second.body and bells == [booking.guest_id]
    assert (first.resolved_by, first.resolved_note) == ("Bellhop", "Sent by SMS instead.")


def test_the_whole_order_is_gone_through_and_then_the_failure_stays(post: Post) -> None:
    post.sms.answers, post.email.answers = [Permanent("21614")], [Permanent("550 5.1.1")]
    booking = unreached(post)

    for _ in range(4):
        fallback.fall_back_due()
        delivery.drain(booking.guest_id)

    failed = MessageStatus.FAILED
    assert told(booking) == [(WHATSAPP, failed, False), (SMS, failed, False), (EMAIL, failed, False)]
    assert [m.resolved_at is None for m in booking.messages] == [False, False, True]


def test_a_failure_that_a_receipt_reports_falls_back_too() -> None:
    booking = confirmed()
    with writing():
        only_one = db.session.merge(only(booking))
        only_one.status = MessageStatus.SENT
    attempt = an_attempt(only_one)
    receipts.receive(attempt.token, provider_id=attempt.provider_id, status="undelivered", code="63024")

    assert fallback.fall_back_due() == 1
    assert told(booking)[1][0] is SMS


def test_of_two_housekeepers_one_falls_back(post: Post, app: Flask) -> None:
    booking = unreached(post)
    db.session.rollback()
    start, made = threading.Barrier(2), []

    def sweep() -> None:
        with app.app_context():
            start.wait(30)
            made.append(fallback.fall_back_due())

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sorted(made) == [0, 1]
    assert [channel for channel, _, _ in told(booking)] == [WHATSAPP, SMS]


def test_a_second_who_decided_before_the_first_wrote_makes_none(post: Post) -> None:
    booking = unreached(post)
    decided = fallback._decided(only(booking).id)
    fallback.fall_back_due()

    with writing():
        assert not fallback._take(decided)

    assert [channel for channel, _, _ in told(booking)] == [WHATSAPP, SMS]


def test_a_death_in_the_middle_leaves_it_to_be_done_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    booking = unreached(post)
    with monkeypatch.context() as dying:
        dying.setattr(compose, "insert", dies)
        with pytest.raises(OperationalError):
            fallback.fall_back_due()
    assert told(booking) == [(WHATSAPP, MessageStatus.FAILED, True)]

    assert fallback.fall_back_due() == 1
    assert [channel for channel, _, _ in told(booking)] == [WHATSAPP, SMS]


def dies(*_args: object) -> None:
    raise OperationalError("INSERT INTO message", {}, Exception("the server closed the connection"))


@pytest.mark.parametrize("code", ["expired", "may_have_arrived", "30410"])
def test_what_may_have_arrived_or_is_too_late_stays_failed(code: str) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    a_message(booking, channel=WHATSAPP, status=MessageStatus.FAILED, error_code=code, falls_back=True)

    assert fallback.fall_back_due() == 0
    assert told(booking) == [(WHATSAPP, MessageStatus.FAILED, False)]


@pytest.mark.parametrize("code", ["tries_used_up", "no_template", "63016", "63003", "bug", "99999"])
def test_whatever_kept_it_from_the_guest_falls_back(code: str) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    a_message(booking, channel=WHATSAPP, status=MessageStatus.FAILED, error_code=code, falls_back=True)

    assert fallback.fall_back_due() == 1


def cancels(booking: Booking) -> None:
    bookings.cancel(booking, by=ROSA)


def grows_old(booking: Booking) -> None:
    with writing():
        db.session.merge(only(booking)).expires_at = now()


def is_resolved(booking: Booking) -> None:
    with writing():
        db.session.merge(only(booking)).resolved_at = now()


def ends_the_order(_booking: Booking) -> None:
    with writing():
        db.session.delete(db.session.get_one(FallbackOrder, Event.BOOKING_CONFIRMED))


@pytest.mark.parametrize("then", [cancels, grows_old, is_resolved, ends_the_order])
def test_news_that_is_none_any_more_goes_out_on_no_other_channel(post: Post, then: Callable[[Booking], None]) -> None:
    booking = unreached(post, channels=[WHATSAPP, SMS])
    then(booking)

    assert fallback.fall_back_due() == 0

    db.session.rollback()
    of_event = [m for m in booking.messages if m.event is Event.BOOKING_CONFIRMED]
    assert [(m.channel, m.falls_back) for m in of_event] == [(WHATSAPP, False)]


def test_a_payment_that_was_reversed_since_is_not_told_of_as_verified(post: Post) -> None:
    an_order(WHATSAPP, SMS, event=Event.PAYMENT_VERIFIED)
    booking = a_booking(BookingStatus.CONFIRMED, channels=[WHATSAPP, SMS])
    payment = a_payment(booking)
    post.whatsapp.answers = [NO_USER]
    payments.verify(payment, by=ROSA)
    delivery.drain(booking.guest_id)
    payments.reverse(payment, by=ROSA, reason="The bank took it back.")

    assert fallback.fall_back_due() == 0


def test_the_text_is_of_the_booking_as_it_is_now(post: Post) -> None:
    booking = unreached(post)
    wanted = edit.booking_form.facts_of(booking)
    edit.change(booking, edit.replace(wanted, service="Sunset sail"), by=ROSA, tell=False)

    fallback.fall_back_due()

    assert "Sunset sail" in booking.messages[-1].body


def test_a_booking_that_changes_while_the_text_is_written_is_looked_at_again(post: Post) -> None:
    booking = unreached(post)
    decided = fallback._decided(only(booking).id)
    bookings.cancel(booking, by=ROSA)

    with writing():
        assert not fallback._take(decided)

    assert SMS not in {m.channel for m in booking.messages if m.event is Event.BOOKING_CONFIRMED}


def test_a_newer_message_of_the_same_kind_needs_no_stand_in(post: Post) -> None:
    an_order(WHATSAPP, SMS, event=Event.BOOKING_CHANGED)
    booking = a_booking(BookingStatus.CONFIRMED, channels=[WHATSAPP, SMS])
    facts = edit.booking_form.facts_of(booking)
    post.whatsapp.answers = [NO_USER]
    edit.change(booking, edit.replace(facts, party_size=3), by=ROSA, tell=True)
    delivery.drain(booking.guest_id)
    edit.change(booking, edit.replace(facts, party_size=4), by=ROSA, tell=True)

    assert fallback.fall_back_due() == 0


def test_what_was_retried_by_hand_after_it_fell_back_does_not_fall_back_again(post: Post) -> None:
    booking = unreached(post, "63003", "63003")
    fallback.fall_back_due()
    retry.retry(booking.messages[0], by=ROSA)
    delivery.drain(booking.guest_id)

    assert fallback.fall_back_due() == 0
    assert [channel for channel, _, _ in told(booking)] == [WHATSAPP, SMS]


def test_what_was_sent_afresh_by_hand_does_not_fall_back(post: Post) -> None:
    booking = unreached(post)
    failed = only(booking)
    wanted = replace.Wanted("email", booking.phone or "", booking.email or "")
    replace.send(failed, wanted, by=ROSA, token=failed.token or "", expected_version=booking.version)

    assert fallback.fall_back_due() == 0
    assert [(channel, falls) for channel, _, falls in told(booking)] == [(WHATSAPP, False), (EMAIL, False)]


def test_an_order_that_was_turned_round_since_tries_no_channel_twice(post: Post) -> None:
    post.sms.answers = [Permanent("21614")]
    booking = unreached(post)
    fallback.fall_back_due()
    an_order(SMS, WHATSAPP)
    delivery.drain(booking.guest_id)

    assert fallback.fall_back_due() == 0


def test_an_act_whose_message_fell_back_cannot_be_undone(post: Post) -> None:
    booking = unreached(post)
    fallback.fall_back_due()

    with pytest.raises(Conflict, match="already going out"):
        undo.undo(booking, booking.messages[0].act_id or 0, by=ROSA)

    assert told(booking)[1] == (SMS, MessageStatus.WAITING, True)


def test_an_undone_act_falls_back_nowhere(post: Post) -> None:
    booking = a_booking()
    act = bookings.confirm(booking, by=Actor("Rosa Silva", may_undo=True))
    undo.undo(booking, act.id, by=ROSA)

    assert fallback.fall_back_due() == 0
    assert [status for _, status, _ in told(booking)] == [MessageStatus.SKIPPED]


def test_a_cancellation_skips_the_stand_in_that_has_not_gone_out(post: Post) -> None:
    booking = unreached(post)
    fallback.fall_back_due()

    bookings.cancel(booking, by=ROSA)

    stand_in = next(m for m in booking.messages if m.fallback_of_id)
    assert (fresh(stand_in).status, stand_in.error_code) == (MessageStatus.SKIPPED, "superseded")


def test_a_stand_in_expires_by_its_booking(post: Post) -> None:
    booking = unreached(post, starts_in=timedelta(hours=2))

    fallback.fall_back_due()

    assert booking.messages[-1].expires_at == booking.starts_at


def test_one_text_that_cannot_be_written_keeps_no_other_guest_waiting(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = unreached(post), unreached(post)
    prepare = compose.prepare

    def fails_once(booking: Booking, *args: Any, **more: Any) -> Any:
        if booking.id == broken.id:
            raise ZeroDivisionError
        return prepare(booking, *args, **more)

    monkeypatch.setattr(compose, "prepare", fails_once)

    assert fallback.fall_back_due() == 1
    assert told(broken) == [(WHATSAPP, MessageStatus.FAILED, False)] and len(told(fine)) == 2


def test_a_message_about_no_booking_falls_back_nowhere() -> None:
    message = a_message(channel=WHATSAPP, status=MessageStatus.FAILED, error_code="63003", falls_back=True)
    with writing():
        db.session.merge(message).booking_id = None

    assert fallback.fall_back_due() == 0
    assert not fresh(message).falls_back


def test_a_guest_counts_as_reached_once_the_stand_in_has_arrived(post: Post) -> None:
    an_order(WHATSAPP, EMAIL)
    booking = unreached(post, channels=[WHATSAPP, EMAIL])
    assert booking_view.shown(booking).told == Word("On the way", "info", "send")

    fallback.fall_back_due()
    delivery.drain(booking.guest_id)

    db.session.rollback()
    assert booking_view.shown(booking).told == Word("Reached", "ok", "checks")


def test_who_is_asked_before_an_act_hears_of_the_channels_that_are_told_on_at_once() -> None:
    an_order(WHATSAPP, SMS)
    booking = a_booking()

    assert booking_view.channels_for([booking], Event.BOOKING_CONFIRMED)[booking.id] == [WHATSAPP, EMAIL]
    assert booking_view.channels_for([booking], Event.BOOKING_DECLINED)[booking.id] == [SMS, WHATSAPP, EMAIL]
    told = preview.drafts(lambda reason: messages.prepare(booking, Event.BOOKING_CONFIRMED, reason=reason), "")
    assert [draft.channel for draft in told] == [WHATSAPP, EMAIL]


def test_a_click_asks_for_the_order_once() -> None:
    booking = a_booking()
    with statements() as run:
        bookings.confirm(booking, by=ROSA)

    assert len([sql for sql in run if "fallback_order" in sql]) == 1


Moves = st.lists(
    st.sampled_from(["decide", "take", "take", "sweep", "retry", "resolve", "reopen", "turn"]), max_size=14
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(moves=Moves)
def test_there_are_never_two_messages_for_one_failure(post: Post, moves: list[str]) -> None:
    """Whatever housekeepers decided before, and whatever people do with the failure in between."""
    an_order(WHATSAPP, SMS)
    post.whatsapp.answers = [NO_USER] * 20
    booking = confirmed(channels=[WHATSAPP, SMS])
    delivery.drain(booking.guest_id)
    failed_id, steps = booking.messages[0].id, []

    for move in moves:
        _move(move, failed_id, steps)
        delivery.drain(booking.guest_id)

    stand_ins = [m for m in fresh_of(booking) if m.fallback_of_id]
    assert len(stand_ins) <= 1 and all(m.fallback_of_id == failed_id for m in stand_ins)


def _move(move: str, failed_id: int, steps: list[fallback.Step]) -> None:
    db.session.rollback()
    failed = db.session.get_one(Message, failed_id)
    if move == "decide":
        steps.append(fallback._decided(failed_id))
    elif move == "take" and steps:
        with writing():
            fallback._take(steps.pop(0))
    elif move == "sweep":
        fallback.fall_back_due()
    elif move == "retry":
        retry.retry(failed, by=ROSA)
    elif move in ("resolve", "reopen"):
        with writing():
            db.session.merge(failed).resolved_at = now() if move == "resolve" else None
    elif move == "turn":
        an_order(*((SMS, WHATSAPP) if channel_order.of(Event.BOOKING_CONFIRMED)[0] is WHATSAPP else (WHATSAPP, SMS)))


def fresh_of(booking: Booking) -> list[Message]:
    db.session.rollback()
    db.session.refresh(booking)
    return list(booking.messages)
