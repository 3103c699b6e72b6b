"""An accepted first try leaves the same row whether the short way settles it or the long one."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import inspect, select, update

from tests.factories import a_booking, a_message
from webapp.channels.base import Accepted, Temporary
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Attempt, BookingStatus, ChannelName, ChannelState, Message, MessageStatus, PauseKind
from webapp.services.delivery import claim, receipts, settle, settle_fast
from webapp.services.delivery.claim import Claimed

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app"), pytest.mark.settings(retry_jitter=0)]

PLAIN = Accepted("SM1", "queued")
OWN = ("id", "message_id", "guest_id", "booking_id", "token", "to_address", "reference", "body", "mail_id")
Before = Callable[[str], None]


def nothing(_token: str) -> None:
    """The common case: nothing else is known of the try."""


def a_receipt(status: str, code: str = "") -> Before:
    """The provider's word comes before its answer."""

    def comes(token: str) -> None:
        receipts.receive(token, provider_id="SM1", status=status, code=code)

    return comes


def a_failing_channel(_token: str) -> None:
    with writing():
        db.session.get_one(ChannelState, ChannelName.SMS).failures_in_row = 2


def a_paused_channel(_token: str) -> None:
    with writing():
        db.session.get_one(ChannelState, ChannelName.SMS).pause_kind = PauseKind.BY_HAND


def a_probe(token: str) -> None:
    with writing():
        db.session.execute(update(Attempt).where(Attempt.token == token).values(is_probe=True))


def an_answer_before(token: str) -> None:
    settle.settle(token, Temporary("20503"))


def an_ended_lease(token: str) -> None:
    with writing():
        ended = {"status": MessageStatus.UNCERTAIN, "lease_until": None, "error_code": settle.NO_ANSWER}
        db.session.execute(update(Message).where(Message.token == token).values(ended))


CASES: dict[str, tuple[ChannelName, dict[str, Any], Accepted, Before]] = {
    "an SMS": (ChannelName.SMS, {}, PLAIN, nothing),
    "a WhatsApp": (ChannelName.WHATSAPP, {}, PLAIN, nothing),
    "an e-mail": (ChannelName.EMAIL, {}, Accepted("250 2.0.0 ok"), nothing),
    "a simulated one": (ChannelName.SMS, {"simulated": True}, PLAIN, nothing),
    "a simulated one on a failing channel": (ChannelName.SMS, {"simulated": True}, PLAIN, a_failing_channel),
    "many words": (ChannelName.SMS, {}, Accepted("S" * 200, "d" * 900), nothing),
    "words of a try before": (ChannelName.SMS, {"error_code": "20503", "error_detail": "busy"}, PLAIN, nothing),
    "a second try": (ChannelName.SMS, {"attempts_made": 1, "tries_used": 1}, PLAIN, nothing),
    "a probe": (ChannelName.SMS, {}, PLAIN, a_probe),
    "a failing channel": (ChannelName.SMS, {}, PLAIN, a_failing_channel),
    "a paused channel": (ChannelName.SMS, {}, PLAIN, a_paused_channel),
    "a lease that ended": (ChannelName.SMS, {}, PLAIN, an_ended_lease),
    "an answer before": (ChannelName.SMS, {}, PLAIN, an_answer_before),
    **{
        f"{status} came first": (ChannelName.SMS, {}, PLAIN, a_receipt(status, code))
        for status, code in (("sent", ""), ("delivered", ""), ("read", ""), ("undelivered", "30003"))
    },
}
BY_THE_SHORT_WAY = (
    "an SMS", "a WhatsApp", "an e-mail", "a simulated one", "a simulated one on a failing channel", "many words",
    "words of a try before",
)  # fmt: skip


def settled(name: str) -> dict[str, Any]:
    """Every column of message and attempt, and the channel's state, after an accepted try."""
    channel, given, outcome, before = CASES[name]
    message = a_message(a_booking(BookingStatus.CONFIRMED), channel=channel, **given)
    claimed = claim.claim(message.guest_id, channel, worker="one")
    assert isinstance(claimed, Claimed)
    before(claimed.outgoing.token)
    settle.settle(claimed.outgoing.token, outcome)
    db.session.expire_all()
    (attempt,) = db.session.scalars(select(Attempt).where(Attempt.message_id == message.id))
    state = db.session.get_one(ChannelState, channel)
    return {
        name: value for row in (message, attempt, state) for name, value in columns(row, attempt.started_at).items()
    }


def columns(row: Any, since: datetime) -> dict[str, Any]:
    """A row's columns; a moment counts in tens of seconds since the claim, so that two runs can be compared."""
    found = {
        f"{row.__tablename__}.{at.columns[0].name}": getattr(row, at.key) for at in inspect(type(row)).column_attrs
    }
    return {
        name: round((value - since).total_seconds() / 10) if isinstance(value, datetime) else value
        for name, value in found.items()
        if name.partition(".")[2] not in OWN
    }


@pytest.mark.parametrize("name", CASES)
def test_both_ways_leave_the_same_columns(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []
    short_way = settle_fast.accept
    monkeypatch.setattr(settle_fast, "accept", lambda *asked: taken.append(short_way(*asked)) or taken[-1])
    short = settled(name)
    with writing():
        db.session.execute(update(ChannelState).values(failures_in_row=0, pause_kind=None))
    monkeypatch.setattr(settle_fast, "accept", lambda *_: False)

    long = settled(name)

    assert short == long
    assert taken[-1] is (name in BY_THE_SHORT_WAY)
