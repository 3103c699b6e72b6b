"""Who claims, retries, replaces or falls back asks one question: is the news still true, and in time?"""

from datetime import timedelta

import pytest

from tests.factories import a_booking, a_message, a_payment, an_attempt
from tests.services.delivery.test_draining import fresh
from webapp.database import writing
from webapp.extensions import db
from webapp.models import (
    AttemptOutcome,
    BatchKind,
    BookingStatus,
    ChannelName,
    Event,
    FallbackOrder,
    Message,
    MessageStatus,
    PaymentState,
)
from webapp.services import payments
from webapp.services.audit import BELLHOP
from webapp.services.delivery import claim
from webapp.services.delivery.claim import Claimed, Closed
from webapp.services.failures import eligibility, replace
from webapp.services.messages import fallback

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]

S, SOON, LATE = BookingStatus, timedelta(hours=2), timedelta(seconds=-1)
# The news, how the booking stands, until when it makes sense; and the code of why it is void.
CASES = [
    (Event.BOOKING_CONFIRMED, S.CONFIRMED, SOON, ""),
    (Event.BOOKING_CONFIRMED, S.COMPLETED, SOON, ""),
    (Event.BOOKING_CONFIRMED, S.CANCELLED, SOON, "superseded"),
    (Event.BOOKING_CONFIRMED, S.CONFIRMED, LATE, "expired"),
    (Event.BOOKING_CONFIRMED, S.CANCELLED, LATE, "superseded"),
    (Event.BOOKING_DECLINED, S.DECLINED, SOON, ""),
    (Event.BOOKING_DECLINED, S.CONFIRMED, SOON, "superseded"),
    (Event.BOOKING_CHANGED, S.PENDING, SOON, ""),
    (Event.BOOKING_CHANGED, S.CANCELLED, SOON, "superseded"),
    (Event.BOOKING_CANCELLED, S.CANCELLED, SOON, ""),
    (Event.PAYMENT_VERIFIED, S.CONFIRMED, SOON, ""),
    (Event.PAYMENT_VERIFIED, S.CONFIRMED, LATE, "expired"),
]


def a_failure(event: Event, status: BookingStatus, expires_in: timedelta) -> Message:
    with writing():
        db.session.merge(FallbackOrder(event=event, channels=["sms", "whatsapp"], by="Ada"))
    failed = a_message(
        a_booking(status), event=event, expires_in=expires_in, status=MessageStatus.FAILED, error_code="30003",
        falls_back=True,
    )  # fmt: skip
    an_attempt(failed, outcome=AttemptOutcome.PERMANENT, code="30003")
    return failed


def obstacle_of(message: Message) -> str:
    try:
        eligibility.check(BatchKind.RETRY, eligibility.find(message.id), message.token)
    except eligibility.Refused as error:
        return error.obstacle.value
    return ""


@pytest.mark.parametrize(("event", "status", "expires_in", "code"), CASES)
def test_a_claim_closes_what_is_void(event: Event, status: BookingStatus, expires_in: timedelta, code: str) -> None:
    message = a_message(a_booking(status), event=event, expires_in=expires_in)

    claimed = claim.claim(message.guest_id, ChannelName.SMS, worker="one")

    assert isinstance(claimed, Closed if code else Claimed)
    assert fresh(message).error_code == code
    assert message.status is {"": MessageStatus.SENDING, "expired": MessageStatus.FAILED}.get(
        code, MessageStatus.SKIPPED
    )


@pytest.mark.parametrize(("event", "status", "expires_in", "code"), CASES)
def test_people_and_the_next_channel_answer_as_a_claim_does(
    event: Event, status: BookingStatus, expires_in: timedelta, code: str
) -> None:
    failed = a_failure(event, status, expires_in)

    assert obstacle_of(failed) == code
    # A replacement has a text and a time of its own, so it is never too late.
    assert bool(replace.why_not(failed)) is (code == "superseded")
    assert fallback.fall_back_due() == (0 if code else 1)


def test_news_of_a_payment_that_was_decided_anew_is_sent_by_nobody() -> None:
    payment = a_payment(a_booking(BookingStatus.CONFIRMED), PaymentState.SUBMITTED)
    act = payments.verify(payment, by=BELLHOP)
    (told, *_) = db.session.query(Message).filter_by(act_id=act.id).all()
    with writing():
        told.status, told.error_code, told.falls_back = MessageStatus.FAILED, "30003", True
        db.session.merge(FallbackOrder(event=Event.PAYMENT_VERIFIED, channels=["sms", "whatsapp"], by="Ada"))
    assert obstacle_of(told) == "" and not replace.why_not(told)

    payments.reverse(payment, by=BELLHOP, reason="The bank took it back.")

    assert obstacle_of(told) == "superseded"
    assert "no longer true" in replace.why_not(told)
    assert fallback.fall_back_due() == 0
