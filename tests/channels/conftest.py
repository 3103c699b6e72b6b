"""Channels pointed at the fakes, and attempts to hand to them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.twilio.fake_twilio import FakeTwilio
from webapp.channels.base import Outgoing
from webapp.channels.email import EmailChannel
from webapp.channels.twilio import TwilioChannel
from webapp.models.names import ChannelName
from webapp.settings import Settings


@pytest.fixture
def outgoing() -> Callable[..., Outgoing]:
    """Make an attempt of a message; what a test does not say is ordinary."""

    def make(**facts: Any) -> Outgoing:
        ordinary: dict[str, Any] = {
            "message_id": 42,
            "channel": ChannelName.SMS,
            "event": "booking_confirmed",
            "token": "token-1",
            "to": "+15552340001",
            "reference": "B-7",
            "body": "Your booking B-7 is confirmed.",
            "started_at": datetime.now(UTC),
        }
        return Outgoing(**ordinary | facts)

    return make


@pytest.fixture
def mail(outgoing: Callable[..., Outgoing]) -> Callable[..., Outgoing]:
    """Make an attempt of an e-mail."""

    def make(**facts: Any) -> Outgoing:
        ordinary: dict[str, Any] = {
            "channel": ChannelName.EMAIL,
            "to": "amelia@example.com",
            "subject": "Your booking B-7",
            "html": "<p>Your booking B-7 is confirmed.</p>",
            "mail_id": "<message-42@hotel.example>",
        }
        return outgoing(**ordinary | facts)

    return make


class Calls:
    """A `before_body` that counts."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


@pytest.fixture
def before_body() -> Calls:
    return Calls()


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def channel(twilio: FakeTwilio) -> Callable[..., TwilioChannel]:
    """Make a Twilio channel with short patience."""

    def make(name: ChannelName = ChannelName.SMS, **settings: Any) -> TwilioChannel:
        ordinary = {**twilio.settings, "provider_timeout": 0.5, "handover_deadline": 1}
        return TwilioChannel(Settings(_env_file=None, **ordinary | settings), name)

    return make


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture
def mailer() -> Callable[..., EmailChannel]:
    """Make an e-mail channel to a fake, with short patience."""

    def make(fake: Any, **settings: Any) -> EmailChannel:
        ordinary = {**fake.settings, "provider_timeout": 0.5, "mail_deadline": 2}
        return EmailChannel(Settings(_env_file=None, **ordinary | settings))

    return make
