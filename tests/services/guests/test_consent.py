"""After a STOP nothing goes to that phone on that channel until a START: in any spelling, at any moment."""

import itertools
import secrets
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from tests.factories import a_booking, a_message
from tests.support.scripted import Post
from webapp.channels.base import Temporary
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Booking, ChannelName, Message, MessageStatus, OptOut, Reply
from webapp.services import bookings, delivery
from webapp.services.audit import BELLHOP
from webapp.services.guests import reach
from webapp.services.guests.reach import State
from webapp.services.guests.stop_words import STOP, STOP_ELSEWHERE, wish_of

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]

SMS, WHATSAPP = ChannelName.SMS, ChannelName.WHATSAPP
WORDS = [*STOP, "CANCEL", "END", *(word for words in STOP_ELSEWHERE.values() for word in words.split())]
SHAPES: list[Callable[[str], str]] = [
    str, str.lower, str.title, "\u200b".join, lambda w: f" {w}. ", lambda w: f"{w}!!!", lambda w: f"“{w}”",
    lambda w: f"{w}\n", lambda w: f"({w})", lambda w: f"\u202a{w}\u202c", lambda w: f"{w} 🛑", lambda w: f"\ufeff{w}…",
    lambda w: f"*{w}*",
]  # fmt: skip
# How a phone is written in a booking, and how WhatsApp may name it; # stands for digits that no other example has.
PHONES = [("+1415######0", "+1415######0"), ("+5255######00", "+52155######00"), ("+55119######00", "+5511######00"),
          ("+5411######00", "+54911######00"), ("+4915########", "+4915########")]  # fmt: skip
_numbers = itertools.count(101_000)


@pytest.fixture
def write(app: Flask) -> Callable[..., None]:
    """Write to our number, signed, through the web."""
    client = app.test_client()

    def send(channel: ChannelName, number: str, body: str, **more: str) -> None:
        sender = f"whatsapp:{number}" if channel is WHATSAPP else number
        form = {"MessageSid": f"SM{secrets.token_hex(16)}", "From": sender, "To": "+15005550006", "Body": body, **more}
        signed = RequestValidator("token").compute_signature("https://desk.example/webhooks/twilio/inbound", form)
        with app.app_context():
            answer = client.post("/webhooks/twilio/inbound", data=form, headers={"X-Twilio-Signature": signed})
        assert answer.status_code == 200
        db.session.rollback()

    return send


def a_phone(shape: tuple[str, str], channel: ChannelName) -> tuple[str, str]:
    """A fresh phone: as booked, and as the channel names it."""
    digits = str(next(_numbers))
    booked, named = (text.replace("########", f"{digits}00").replace("######", digits) for text in shape)
    return booked, named if channel is WHATSAPP else booked


def handed(post: Post, channel: ChannelName, *numbers: str) -> int:
    """How much was handed over on a channel to a phone."""
    return sum(one.channel is channel and one.to in numbers for one in post.handed)


def stopped(booking: Booking) -> set[ChannelName]:
    """The channels on which an address of this booking said stop."""
    return {one.channel for one in reach.find([booking])[0] if one.state is State.OPTED_OUT}


def due_again(booking: Booking) -> None:
    """Let the time until the next try pass."""
    with writing():
        waits = Message.status == MessageStatus.WAITING
        db.session.execute(update(Message).where(Message.booking_id == booking.id, waits).values(due_at=now()))
    db.session.expire_all()


@given(
    st.sampled_from(WORDS), st.sampled_from(SHAPES), st.sampled_from([SMS, WHATSAPP]), st.sampled_from(PHONES),
    st.sampled_from(["before the booking", "before the act", "before the claim", "during a retry"]),
)  # fmt: skip
@settings(
    max_examples=40, deadline=None, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_after_stop_nothing_goes_there_until_start(
    write: Callable[..., None], post: Post, word: str, shape: Callable[[str], str], channel: ChannelName,
    phone: tuple[str, str], moment: str,
) -> None:  # fmt: skip
    booked, named = a_phone(phone, channel)
    if moment == "before the booking":
        write(channel, named, shape(word))
    booking = a_booking(phone=booked)
    if moment == "before the act":
        write(channel, named, shape(word))
    bookings.confirm(booking, by=BELLHOP)
    if moment == "during a retry":
        for scripted in post.all():
            scripted.answers[:] = [Temporary("x", "later")] if scripted.name is channel else []
        delivery.drain(booking.guest_id)
    if moment in ("before the claim", "during a retry"):
        write(channel, named, shape(word))
    before = handed(post, channel, booked, named)
    due_again(booking)
    delivery.drain(booking.guest_id)
    assert handed(post, channel, booked, named) == before
    assert channel in stopped(booking)
    write(channel, named, "Start")
    assert channel not in stopped(booking)
    sent = a_message(booking, channel=channel)
    delivery.drain(booking.guest_id)
    db.session.refresh(sent)
    assert sent.status is not MessageStatus.SKIPPED and handed(post, channel, booked, named) == before + 1


@pytest.mark.parametrize(
    "text",
    ["Please stop", "stop by the hotel at nine?", "We stop here", "Don't stop", "STOPOVER", "stopp mal", "no", "",
    "?", "bus stop",
     "Can you cancel?", "the end", "STOP 1234", "Basta così?", "yes please", "restart", "停止しないで", "Cancelled",
     "Bajamos a las 9"],
)  # fmt: skip
def test_a_sentence_changes_no_consent_and_is_left_to_a_person(write: Callable[..., None], text: str) -> None:
    write(SMS, "+14155550777", text)

    (reply,) = db.session.scalars(select(Reply))
    assert wish_of(text) == "" and reply.handled_at is None
    assert db.session.scalars(select(OptOut)).all() == []


@pytest.mark.parametrize(
    ("booked", "named"),
    [("+525512345678", "+5215512345678"), ("+5511987654321", "+551187654321"), ("+541123456789", "+5491123456789")],
)
def test_a_reply_under_whatsapps_number_stands_at_its_booking(
    write: Callable[..., None], booked: str, named: str
) -> None:
    booking = a_booking(phone=booked)

    write(WHATSAPP, named, "We come later")
    write(SMS, named, "By SMS this is another number")

    whatsapp, sms = db.session.scalars(select(Reply).order_by(Reply.id))
    assert (whatsapp.booking_id, sms.booking_id) == (booking.id, None)


def test_a_stop_is_kept_once_and_on_its_channel_alone(write: Callable[..., Any]) -> None:
    for _ in range(2):
        write(WHATSAPP, "+5215512345678", "Alto")

    kept = db.session.execute(select(OptOut.channel, OptOut.address).order_by(OptOut.address)).all()
    assert kept == [(WHATSAPP, "+5215512345678"), (WHATSAPP, "+525512345678")]
