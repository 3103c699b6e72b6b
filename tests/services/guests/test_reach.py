"""What is said before an act and what the act does agree: on which channels a guest is told, and why not on others."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.factories import a_booking
from webapp import words
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Booking, ChannelName, Event, FallbackOrder, MessageStatus, OptOut
from webapp.services import bookings
from webapp.services.audit import BELLHOP
from webapp.services.bookings import form as booking_form
from webapp.services.bookings import view as booking_view
from webapp.services.guests.reach import State

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]

SMS, WHATSAPP, EMAIL = ChannelName
OFF = pytest.mark.settings(whatsapp_provider="off")
# What is booked; who said stop; the event's order; and then what goes out, and what is skipped for which reason.
Case = tuple[dict[str, Any], Sequence[ChannelName], Sequence[ChannelName], set[ChannelName], dict[ChannelName, State]]
ALL = {SMS, WHATSAPP, EMAIL}
CASES: dict[str, Case] = {
    "all agreed": ({}, (), (), ALL, {}),
    "no phone": ({"phone": None}, (), (), {EMAIL}, {}),
    "no e-mail": ({"email": None}, (), (), {SMS, WHATSAPP}, {}),
    "one agreed": ({"channels": [SMS]}, (), (), {SMS}, {}),
    "none agreed": ({"channels": []}, (), (), set(), {}),
    "one agreed that has no address": ({"channels": [EMAIL], "email": None}, (), (), set(), {}),
    "a stop": ({}, (SMS,), (), {WHATSAPP, EMAIL}, {SMS: State.OPTED_OUT}),
    "a stop on one that was not agreed": ({"channels": [EMAIL]}, (SMS,), (), {EMAIL}, {}),
    "a stop on all": ({}, (SMS, WHATSAPP, EMAIL), (), set(), dict.fromkeys(ALL, State.OPTED_OUT)),
    "an order": ({}, (), (WHATSAPP, SMS), {WHATSAPP, EMAIL}, {}),
    "an order whose first said stop": ({}, (WHATSAPP,), (WHATSAPP, SMS), {SMS, EMAIL}, {}),
    "an order stopped": ({}, (SMS, EMAIL), (SMS, EMAIL), {WHATSAPP}, dict.fromkeys([SMS, EMAIL], State.OPTED_OUT)),
    "an order, a stop beside it": ({}, (EMAIL,), (WHATSAPP, SMS), {WHATSAPP}, {EMAIL: State.OPTED_OUT}),
    "a demo guest": ({"is_demo": True}, (), (), ALL, {}),
}  # fmt: skip
# Where WhatsApp is switched off.
CASES_OFF: dict[str, Case] = {
    "none named": ({}, (), (), {SMS, EMAIL}, {}),
    "it was named": ({"channels": [SMS, WHATSAPP]}, (), (), {SMS}, {WHATSAPP: State.OFF}),
    "it was named, and said stop": ({"channels": [WHATSAPP]}, (WHATSAPP,), (), set(), {WHATSAPP: State.OPTED_OUT}),
    "none named, and it said stop": ({}, (WHATSAPP,), (), {SMS, EMAIL}, {}),
    "an order that begins with it": ({}, (), (WHATSAPP, SMS), {SMS, EMAIL}, {}),
    "an order of it that was named": ({"channels": [WHATSAPP, SMS]}, (), (WHATSAPP, SMS), {SMS}, {}),
    "a demo guest": ({"is_demo": True}, (), (), ALL, {}),
}


def _arranged(case: Case) -> Booking:
    given, stops, order, *_ = case
    booking = a_booking(**given)
    with writing():
        db.session.add_all(OptOut(channel=one, address=booking.address(one), source="21610") for one in stops)
        if order:
            db.session.add(FallbackOrder(event=Event.BOOKING_CONFIRMED, channels=list(order), by="Ada"))
    return booking


def _assert_all_agree(case: Case) -> None:
    booking, (*_, goes_out, skipped) = _arranged(case), case
    previewed = booking_view.channels_for([booking], Event.BOOKING_CONFIRMED)[booking.id]
    whole = booking_view.whole(booking)
    warned = booking_form.warnings(booking_form.facts_of(booking)).get("channels", "")

    bookings.confirm(booking, by=BELLHOP)

    made = {message.channel: message for message in booking.messages}
    assert set(previewed) == goes_out == {c for c, m in made.items() if m.status is MessageStatus.WAITING}
    assert {c: m.error_code for c, m in made.items() if c not in goes_out} == skipped
    said = {consent.channel: consent.says for consent in whole.consents}
    assert all(said[channel] is booking_view.CONSENT[State.AGREED] for channel in goes_out)
    assert all(said[channel] is booking_view.CONSENT[state] for channel, state in skipped.items())
    assert all(words.CHANNEL[c].label in warned for c, s in skipped.items() if s is State.OPTED_OUT)


@pytest.mark.parametrize("name", CASES)
def test_a_page_says_what_an_act_then_does(name: str) -> None:
    _assert_all_agree(CASES[name])


@OFF
@pytest.mark.parametrize("name", CASES_OFF)
def test_a_page_says_what_an_act_then_does_without_whatsapp(name: str) -> None:
    _assert_all_agree(CASES_OFF[name])
