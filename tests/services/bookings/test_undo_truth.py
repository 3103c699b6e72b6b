"""After an undo the guest hears what is true, once: of every act, and of what the act had stopped."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_booking, a_message, a_payment
from tests.services.delivery.test_draining import fresh
from webapp.database import writing
from webapp.errors import Conflict, Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, BookingStatus, Event, Message, MessageStatus, PaymentState
from webapp.services import audit, bookings, payments
from webapp.services.audit import Actor
from webapp.services.bookings import edit, undo
from webapp.services.bookings import form as booking_form
from webapp.services.delivery import claim

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
DESK, PROGRAM = Actor("Rosa Silva", may_undo=True), Actor("booking site")
Step = Callable[[Booking], Audit]
WAITING, SKIPPED = MessageStatus.WAITING, MessageStatus.SKIPPED


def change(booking: Booking, *, tell: bool = True, **wanted: Any) -> Audit:
    """Change some facts as the form does."""
    act = edit.change(booking, replace(booking_form.facts_of(booking), **wanted), by=DESK, tell=tell).act
    assert act is not None
    return act


def by(step: Callable[..., Audit]) -> Step:
    return lambda booking: step(booking, by=DESK)


def of_payment(step: Callable[..., Audit], status: PaymentState, **more: Any) -> Step:
    return lambda booking: step(a_payment(booking, status), by=DESK, **more)


CONFIRM, DECLINE, CANCEL, REOPEN = map(by, (bookings.confirm, bookings.decline, bookings.cancel, bookings.reopen))
VERIFY = of_payment(payments.verify, PaymentState.SUBMITTED)
REJECT = of_payment(payments.reject, PaymentState.SUBMITTED)
REVERSE = of_payment(payments.reverse, PaymentState.VERIFIED, reason="Bounced")


def one_guest_more(booking: Booking) -> Audit:
    return change(booking, party_size=booking.party_size + 1)


MOVE = one_guest_more


def in_words(messages: list[Message]) -> list[str]:
    """The events of which a guest still hears, by SMS."""
    return [str(message.event) for message in messages if message.status is WAITING and message.channel == "sms"]


@pytest.mark.parametrize(
    ("start", "before", "undone", "status", "hears"),
    [
        # Nothing before: the guest never hears of the act.
        (BookingStatus.PENDING, [], CONFIRM, BookingStatus.PENDING, []),
        (BookingStatus.PENDING, [], DECLINE, BookingStatus.PENDING, []),
        (BookingStatus.PENDING, [], CANCEL, BookingStatus.PENDING, []),
        (BookingStatus.CONFIRMED, [], CANCEL, BookingStatus.CONFIRMED, []),
        (BookingStatus.CONFIRMED, [], MOVE, BookingStatus.CONFIRMED, []),
        (BookingStatus.CONFIRMED, [], VERIFY, BookingStatus.CONFIRMED, []),
        (BookingStatus.CONFIRMED, [], REJECT, BookingStatus.CONFIRMED, []),
        (BookingStatus.CONFIRMED, [], REVERSE, BookingStatus.CONFIRMED, []),
        (BookingStatus.DECLINED, [], REOPEN, BookingStatus.DECLINED, []),
        # News that had not gone out and that the act made untrue goes out after all.
        (BookingStatus.PENDING, [CONFIRM], CANCEL, BookingStatus.CONFIRMED, ["booking_confirmed"]),
        (BookingStatus.PENDING, [MOVE], DECLINE, BookingStatus.PENDING, ["booking_changed"]),
        (BookingStatus.PENDING, [MOVE], CANCEL, BookingStatus.PENDING, ["booking_changed"]),
        (BookingStatus.PENDING, [DECLINE], REOPEN, BookingStatus.DECLINED, ["booking_declined"]),
        (BookingStatus.CONFIRMED, [CANCEL], REOPEN, BookingStatus.CANCELLED, ["booking_cancelled"]),
        (BookingStatus.CONFIRMED, [MOVE], MOVE, BookingStatus.CONFIRMED, ["booking_changed"]),
        # News that the act left true was never stopped.
        (BookingStatus.PENDING, [CONFIRM], MOVE, BookingStatus.CONFIRMED, ["booking_confirmed"]),
        (BookingStatus.CONFIRMED, [VERIFY], CANCEL, BookingStatus.CONFIRMED, ["payment_verified"]),
        (BookingStatus.PENDING, [CONFIRM, VERIFY], CANCEL, BookingStatus.CONFIRMED,
         ["booking_confirmed", "payment_verified"]),
    ],
)  # fmt: skip
def test_what_the_guest_hears_after_an_undo(
    start: BookingStatus, before: list[Step], undone: Step, status: BookingStatus, hears: list[str]
) -> None:
    booking = a_booking(start)
    for step in before:
        step(booking)
    act = undone(booking)

    undo.undo(booking, act.id, by=DESK)

    assert booking.status is status and in_words(booking.messages) == hears
    assert {m.error_code for m in booking.messages if m.act_id == act.id} <= {"undone"}


@pytest.mark.parametrize(
    ("start", "act"),
    [
        (BookingStatus.PENDING, CONFIRM), (BookingStatus.PENDING, DECLINE), (BookingStatus.CONFIRMED, CANCEL),
        (BookingStatus.CONFIRMED, MOVE), (BookingStatus.CONFIRMED, VERIFY), (BookingStatus.CONFIRMED, REJECT),
        (BookingStatus.CONFIRMED, REVERSE),
    ],
)  # fmt: skip
def test_every_act_of_a_page_that_tells_the_guest_is_held(start: BookingStatus, act: Step, bells: list[int]) -> None:
    booking = a_booking(start)

    act(booking)

    assert len(booking.messages) == 3 and bells == [] and claim.due_lanes(10) == []


def test_every_act_that_tells_a_guest_can_be_undone() -> None:
    assert {action for action, act in audit.ACTS.items() if act.tells} <= set(audit.UNDOABLE)


def test_a_program_holds_nothing(bells: list[int]) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)

    bookings.cancel(booking, by=PROGRAM)

    assert bells == [booking.guest_id] and claim.due_lanes(10) == [booking.guest_id]


def test_a_confirmation_that_a_claim_dropped_meanwhile_goes_out_after_all() -> None:
    """It was with its provider when the booking was cancelled, and came back to wait."""
    booking = a_booking(BookingStatus.CONFIRMED)
    late = a_message(booking, status=MessageStatus.SENDING)
    act = bookings.cancel(booking, by=DESK)
    with writing():
        db.session.get_one(Message, late.id).status = WAITING
    claim.claim(booking.guest_id, late.channel, worker="one")
    assert fresh(late).error_code == "superseded"

    undo.undo(booking, act.id, by=DESK)

    assert (fresh(late).status, fresh(late).error_code) == (WAITING, "")


def test_undoing_a_change_restores_every_field_and_the_search() -> None:
    booking = a_booking(BookingStatus.CONFIRMED, channels=["sms"])
    names = booking_form.CONTACT | booking_form.BOOKED
    before = {name: getattr(booking, name) for name in names}
    lane = booking.guest_id
    act = change(
        booking, name="Jo Weber", phone="+14155550199", email=None, language="de", channels=None, service="Kayak",
        starts_at=booking.starts_at + timedelta(days=2), party_size=5, amount=Decimal("80.50"),
    )  # fmt: skip

    undo.undo(booking, act.id, by=DESK)

    assert {name: getattr(booking, name) for name in names} == before
    assert booking.guest_id == lane and booking.version == 3


def test_a_change_that_somebody_changed_further_is_not_undone() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    act = change(booking, party_size=5)
    change(booking, party_size=6)

    with pytest.raises(Outrun, match="Rosa Silva changed this booking just before you"):
        undo.undo(booking, act.id, by=DESK)

    assert booking.party_size == 6


def test_a_change_that_told_nobody_can_be_undone_for_a_minute() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    act = change(booking, tell=False, party_size=5)
    with writing():
        db.session.get_one(Audit, act.id).at -= timedelta(seconds=61)

    with pytest.raises(Conflict, match="too late to undo this"):
        undo.undo(booking, act.id, by=DESK)

    assert booking.party_size == 5


def test_undoing_a_reversal_keeps_when_the_payment_was_verified() -> None:
    payment = a_payment(a_booking(BookingStatus.CONFIRMED))
    payments.verify(payment, by=PROGRAM)
    verified_at = payment.decided_at

    undo.undo(payment.booking, payments.reverse(payment, by=DESK, reason="Bounced").id, by=DESK)

    assert (payment.status, payment.decided_at) == (PaymentState.VERIFIED, verified_at)


@pytest.mark.parametrize("close", [bookings.decline, bookings.cancel])
def test_a_reopened_booking_waits_for_its_decision_and_an_unsent_refusal_stays_unsent(
    close: Callable[..., Audit],
) -> None:
    booking = a_booking()
    close(booking, by=DESK)

    act = bookings.reopen(booking, by=DESK, expected_version=booking.version)

    assert booking.status is BookingStatus.PENDING and act.action is Action.BOOKING_REOPENED
    assert {(m.status, m.error_code) for m in booking.messages} == {(SKIPPED, "superseded")}


def test_a_guest_who_was_told_no_hears_yes_once_the_reopened_booking_is_confirmed() -> None:
    booking = a_booking(BookingStatus.DECLINED)
    a_message(booking, event=Event.BOOKING_DECLINED, status=MessageStatus.DELIVERED)
    bookings.reopen(booking, by=DESK)

    bookings.confirm(booking, by=DESK)

    assert in_words(booking.messages) == ["booking_confirmed"]


@pytest.mark.parametrize("status", [BookingStatus.PENDING, BookingStatus.CONFIRMED, BookingStatus.COMPLETED])
def test_only_a_closed_booking_can_be_reopened(status: BookingStatus) -> None:
    with pytest.raises(Outrun, match="was not changed"):
        bookings.reopen(a_booking(status), by=DESK)
