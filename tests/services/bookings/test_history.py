"""A booking's history in words: who did what, about what, and from what to what."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.factories import a_booking, a_message, a_payment
from webapp.models import Action, Booking, MessageStatus
from webapp.services import audit, bookings, payments
from webapp.services.audit import Actor
from webapp.services.bookings import edit, timeline
from webapp.services.bookings import form as booking_form
from webapp.services.bookings.history import Line, Step
from webapp.services.failures import retry

pytestmark = pytest.mark.usefixtures("app")
ROSA = Actor("Rosa Silva")


def newest(booking: Booking) -> Line:
    booking = bookings.get(booking.reference)
    entry = timeline.read(booking).entries[0]
    assert entry.line
    return entry.line


@pytest.mark.settings(timezone="Europe/Paris")
def test_a_change_says_from_what_to_what_in_the_order_of_the_form() -> None:
    booking = a_booking(phone=None, starts_at=datetime(2030, 5, 1, 16, tzinfo=UTC), currency="EUR")
    facts = booking_form.facts_of(booking)
    new = replace(facts, starts_at=datetime(2030, 5, 1, 17, tzinfo=UTC), amount=Decimal("99.5"), phone="+14155552671")

    edit.change(booking, replace(new, language="de", channels=["sms"]), by=ROSA, tell=True)

    assert newest(booking).steps == [
        Step("Phone", "nothing", "+14155552671"),
        Step("Language", "English", "German"),
        Step("Messages by", "SMS, WhatsApp, E-mail", "SMS"),
        Step("Starts", "Wednesday 1 May 2030, 18:00", "Wednesday 1 May 2030, 19:00"),
        Step("Amount", "€120.00", "€99.50"),
    ]


def test_a_decision_says_which_payment_and_why() -> None:
    booking = a_booking()
    payments.reject(a_payment(booking, method="Cash"), by=ROSA, reason="No money came")

    line = newest(booking)

    assert (line.about, line.reason) == ("£120.00, Cash", "No money came")


def test_a_retry_says_which_message() -> None:
    message = a_message(status=MessageStatus.FAILED)
    assert message.booking
    retry.retry(message, by=ROSA)

    assert newest(message.booking).about == "Booking confirmed, SMS"


def test_a_note_is_nobody_who_was_first() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=ROSA)
    audit.record(Action.NOTE_ADDED, by=Actor("Martin"), booking_id=booking.id)

    assert "Rosa Silva confirmed" in audit.outrun(booking).sentence
