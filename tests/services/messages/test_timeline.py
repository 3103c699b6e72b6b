"""What a message's page tells: in order, with who and why, and what comes next."""

from datetime import timedelta

import pytest

from tests.factories import a_booking, a_message, an_attempt
from webapp.database import now, read_now, writing
from webapp.extensions import db
from webapp.models import AttemptOutcome, BookingStatus, ChannelName, Message, MessageStatus, PauseKind
from webapp.models import ChannelState as State
from webapp.services import bookings
from webapp.services.audit import Actor
from webapp.services.delivery import receipts
from webapp.services.failures import retry
from webapp.services.messages import timeline

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ADA = Actor("Ada Moreau")


def labels(message: Message) -> list[str]:
    return [entry.word.label for entry in timeline.tell(message).entries]


def test_it_begins_with_the_act_that_caused_it() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=ADA)

    first = timeline.tell(booking.messages[0]).entries[0]

    assert (first.word.label, first.text) == ("Made", "Ada Moreau confirmed this booking.")


def test_attempts_receipts_and_retries_stand_in_their_order() -> None:
    message = a_message(status=MessageStatus.SENT)
    attempt = an_attempt(message)
    receipts.receive(attempt.token, provider_id=attempt.provider_id or "", status="undelivered", code="30005")
    retry.retry(message, by=ADA)

    assert labels(message) == ["Made", "Taken by the provider", "Receipt: undelivered", "Sent again by hand"]


def test_an_attempt_says_why_how_long_and_by_whom() -> None:
    message = a_message(status=MessageStatus.FAILED)
    with writing():
        began = read_now()
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code="21211", worker="desk-7", started_at=began,
               ended_at=began + timedelta(seconds=1.5), provider_id=None)  # fmt: skip

    entry = timeline.tell(message).entries[-1]

    assert (entry.code, entry.facts) == ("21211", ("Attempt 1", "twilio", "1.50 s", "desk-7"))
    assert "not a phone number" in entry.text
    assert entry.link.endswith("21211")


def test_a_receipt_that_moved_nothing_says_so() -> None:
    attempt = an_attempt(a_message(status=MessageStatus.SENT))
    for status in ("delivered", "sent"):
        receipts.receive(attempt.token, provider_id=attempt.provider_id or "", status=status)

    late = timeline.tell(attempt.message).entries[-1]

    assert late.word.label == "Receipt: sent"
    assert any("changed nothing" in fact for fact in late.facts)


def test_a_bad_end_is_told_even_without_an_attempt() -> None:
    message = a_message(status=MessageStatus.SKIPPED, error_code="superseded")
    with writing():
        message.settled_at = now()

    assert labels(message) == ["Made", "Not sent"]


def test_a_paused_channel_holds_a_message_back() -> None:
    with writing():
        row = db.session.get_one(State, ChannelName.SMS)
        row.paused_until, row.pause_kind, row.why = now(), PauseKind.BY_HAND, "Twilio is down"

    assert timeline.tell(a_message()).held == "SMS is paused. Twilio is down"


def test_an_earlier_message_holds_a_later_one_back() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    first, second, other = a_message(booking), a_message(booking), a_message(booking, channel=ChannelName.EMAIL)

    assert timeline.tell(second).held == "An earlier SMS to this guest goes first."
    assert timeline.tell(first).held == timeline.tell(other).held == ""


def test_a_waiting_message_says_when_it_goes_out_and_a_sent_one_does_not() -> None:
    waiting, sent = a_message(due_in=timedelta(minutes=2)), a_message(status=MessageStatus.SENT)

    assert timeline.tell(waiting).next_try == waiting.due_at
    assert timeline.tell(sent).next_try is None


def test_an_uncertain_one_says_when_the_provider_is_asked() -> None:
    message = a_message(status=MessageStatus.UNCERTAIN)
    attempt = an_attempt(message, outcome=AttemptOutcome.UNKNOWN)
    with writing():
        attempt.next_look_at = now()

    assert timeline.tell(message).next_look == attempt.next_look_at


def test_what_may_have_arrived_is_a_warning() -> None:
    plain = a_message(status=MessageStatus.FAILED, error_code="30005")
    risky = a_message(status=MessageStatus.FAILED, error_code="may_have_arrived")

    assert timeline.warnings([plain, risky]) == {plain.id: [], risky.id: ["It may have arrived already."]}


def test_a_later_message_that_went_out_is_a_warning() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    overtaken = a_message(booking, status=MessageStatus.FAILED)
    a_message(booking, status=MessageStatus.DELIVERED)
    last = a_message(booking, status=MessageStatus.FAILED)

    warned = timeline.warnings([overtaken, last])

    assert warned == {overtaken.id: ["A later SMS has gone out to this guest since."], last.id: []}


def test_it_says_what_the_provider_was_asked_and_will_be() -> None:
    message = a_message(status=MessageStatus.SENT)
    an_attempt(message, looks=2, good_looks=1, asks=3, next_ask_at=now())

    told = timeline.tell(message)

    said = told.entries[-1].facts
    assert {"looked for 2 times", "not found once", "receipt asked for 3 times"} <= set(said)
    assert told.next_ask is not None and told.next_look is None


def test_a_message_that_may_have_arrived_is_not_called_undelivered() -> None:
    message = a_message(status=MessageStatus.FAILED, error_code="may_have_arrived", settled_at=now())

    assert labels(message) == ["Made", "May have arrived"]


def test_a_message_that_another_stands_in_for_says_when_and_by_what() -> None:
    failed = a_message(channel=ChannelName.WHATSAPP, status=MessageStatus.FAILED, error_code="63003", resolved_at=now())
    a_message(failed.booking, fallback_of_id=failed.id)

    last = timeline.tell(failed).entries[-1]

    assert (last.word.label, last.text) == ("SMS instead", "The next channel of the order.")
