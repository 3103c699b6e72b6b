"""The sandbox's page: what would have been sent, and that nothing was."""

import pytest

from tests.conftest import Browser
from tests.factories import a_message, an_attempt
from webapp import clock
from webapp.channels.base import Outgoing
from webapp.models import ChannelName
from webapp.services.delivery.sandbox import DatabaseStore

simulated = pytest.mark.settings(sms_provider="sandbox", email_provider="sandbox")


def taken(token: str = "t1", **given: str) -> None:
    facts = {"to": "+14155550100", "subject": "", "body": "Your booking BK-7 is confirmed.", "html": ""} | given
    channel = ChannelName.EMAIL if facts["html"] else ChannelName.SMS
    known = {"message_id": 7, "event": "booking_confirmed", "reference": "BK-7", "started_at": clock.now()}
    DatabaseStore().accept(Outgoing(token=token, channel=channel, **known, **facts), f"SM-{token}")


def test_where_nothing_is_simulated_there_is_no_sandbox(front_desk: Browser) -> None:
    assert front_desk.get("/sandbox").status_code == 404


def test_what_demo_guests_were_sent_is_shown_in_a_live_system_too(front_desk: Browser) -> None:
    taken()

    assert "BK-7" in front_desk.get("/sandbox").text


@simulated
def test_an_empty_sandbox_says_what_fills_it(front_desk: Browser) -> None:
    page = front_desk.get("/sandbox").text

    assert "Nothing was sent yet" in page
    assert "None of them left this machine" in page


@simulated
def test_it_shows_what_would_have_been_sent_newest_first(front_desk: Browser) -> None:
    taken()
    taken("t2", to="amelia@guests.example", subject="Your booking", body="Dear Amelia", html="<p>Dear</p>")

    page = front_desk.get("/sandbox").text

    assert page.index("Dear Amelia") < page.index("Your booking BK-7 is confirmed.")
    for said in ("amelia@guests.example", "Your booking", "+14155550100", "E-mail for BK-7", "SMS for BK-7"):
        assert said in page


@simulated
def test_it_leads_to_the_message(front_desk: Browser) -> None:
    attempt = an_attempt(a_message())
    taken(attempt.token)

    assert f'href="/messages/{attempt.message_id}"' in front_desk.get("/sandbox").text


@simulated
def test_markup_in_a_mail_is_text(front_desk: Browser) -> None:
    taken(body="<script>alert(1)</script>", html="<script>alert(1)</script>", subject="<b>")

    page = front_desk.get("/sandbox").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
