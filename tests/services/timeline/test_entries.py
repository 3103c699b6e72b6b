"""The timeline of a booking: one entry an act with its messages, an undo with what it undid, replies and notes."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from tests.conftest import Browser
from tests.factories import a_booking, a_message, a_payment, a_reply, an_attempt
from tests.routes.bookings.test_pages import counted
from webapp.database import read_now, writing
from webapp.models import Action, Booking, BookingStatus, MessageStatus
from webapp.services import audit, bookings, payments
from webapp.services.audit import Actor
from webapp.services.bookings import edit, notes, undo
from webapp.services.bookings import form as booking_form
from webapp.services.failures import retry
from webapp.services.timeline import entries as timeline
from webapp.services.timeline.entries import Entry, Line, Step

pytestmark = pytest.mark.usefixtures("app")
TABLES = "message|attempt|audit|note|reply"
ROSA, DESK = Actor("Rosa Silva"), Actor("Rosa Silva", may_undo=True)


def entries(booking: Booking, *, everything: bool = False) -> list[Entry]:
    return timeline.read(bookings.get(booking.reference), everything=everything).entries


def did(entry: Entry) -> str:
    return entry.line.did if entry.line else ""


def test_messages_stand_under_the_act_that_caused_them() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=ROSA)
    payments.verify(a_payment(booking), by=ROSA)

    verified, confirmed = entries(booking)

    assert (did(confirmed), confirmed.channels) == ("confirmed this booking", ["SMS", "WhatsApp", "E-mail"])
    assert (did(verified), verified.channels) == ("verified a payment", ["SMS", "WhatsApp", "E-mail"])
    assert not {m.id for m in confirmed.messages} & {m.id for m in verified.messages}


def test_an_undo_and_what_it_undid_are_one_entry() -> None:
    booking = a_booking()
    act = bookings.confirm(booking, by=DESK)
    undo.undo(booking, act.id, by=DESK)

    (entry,) = entries(booking)

    assert did(entry) == "undid the confirmation"
    assert entry.undone and entry.undone.did == "confirmed this booking"
    assert [message.error_code for message in entry.messages] == ["undone"] * 3


def test_acts_replies_and_notes_are_one_list_newest_first() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=ROSA)
    reply = a_reply(booking)
    notes.add(booking, "A dog.", by=ROSA)
    with writing():
        reply.at = read_now() - timedelta(hours=1)

    kinds = [(bool(one.note), did(one), bool(one.reply)) for one in entries(booking)]

    assert kinds == [(True, "", False), (False, "confirmed this booking", False), (False, "", True)]


def test_a_message_of_no_known_act_has_an_entry_of_its_own() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    message = a_message(booking)

    (entry,) = entries(booking)

    assert (did(entry), [one.id for one in entry.messages]) == ("Booking confirmed", [message.id])


def test_an_act_is_shown_open_while_its_guest_was_not_reached() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=ROSA)
    with writing():
        for message in bookings.get(booking.reference).messages:
            message.status, message.settled_at = MessageStatus.FAILED, read_now()
    (lost,) = entries(booking)
    with writing():
        lost.messages[0].status = MessageStatus.DELIVERED

    (told,) = entries(booking)

    assert (lost.is_lost, told.is_lost) == (True, False)


def test_more_acts_and_messages_cost_the_page_no_more_statements(app: Flask, front_desk: Browser) -> None:
    def cost(booking: Booking) -> list[str]:
        """What is read of the timeline's own tables; what the page keeps for a moment is of others."""
        with counted(app) as statements:
            front_desk.get(f"/bookings/{booking.reference}/card")
        return sorted(table for one in statements for table in re.findall(rf"FROM ({TABLES})\b", one))

    few, many = a_booking(), a_booking()
    for booking, times in ((few, 1), (many, 6)):
        for _ in range(times):
            act = bookings.confirm(booking, by=DESK)
            undo.undo(booking, act.id, by=DESK)
            payment = a_payment(booking)
            payments.verify(payment, by=ROSA)
            message = a_message(booking, status=MessageStatus.FAILED, resolved_at=read_now())
            an_attempt(message)
            a_message(booking, fallback_of_id=message.id)

    assert cost(many) == cost(few)


def test_a_long_timeline_shows_its_newest_part_until_all_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timeline, "NEWEST", 2)
    booking = a_booking()
    for _ in range(3):
        act = bookings.confirm(booking, by=DESK)
        undo.undo(booking, act.id, by=DESK)

    found = timeline.read(bookings.get(booking.reference))

    assert (len(found.entries), found.has_older) == (1, True)
    assert len(entries(booking, everything=True)) == 3


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
