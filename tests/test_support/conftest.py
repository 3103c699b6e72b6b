"""People and servers of these tests."""

from collections.abc import Iterator
from typing import Any

import pytest
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from tests.support import browser
from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.twilio.fake_twilio import FakeTwilio


@pytest.fixture
def twilio() -> Iterator[FakeTwilio]:
    with FakeTwilio() as fake:
        yield fake


@pytest.fixture
def client(twilio: FakeTwilio) -> Iterator[Client]:
    """Twilio's own client, pointed at the fake."""
    http = TwilioHttpClient(timeout=2)
    client = Client(twilio.account_sid, twilio.auth_token, http_client=http)
    client.api.base_url = twilio.url
    yield client
    http.session.close()


@pytest.fixture
def smtp() -> Iterator[FakeSmtp]:
    with FakeSmtp() as fake:
        yield fake


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | {"executable_path": browser.chromium_path(), "args": browser.ARGUMENTS}
