"""Pausing a channel and resuming it, with a reason that colleagues read."""

import re
from typing import Any

import pytest

from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import ChannelName, ChannelState, PauseKind
from webapp.monitor import channels


def test_a_channel_is_paused_with_a_reason(admin: Any) -> None:
    row = admin.act("/channels/sms/pause", why="Twilio is being moved")

    assert row.status_code == 200
    assert 'id="channel-sms"' in row.text
    assert "Twilio is being moved" in row.text
    assert f"By <bdi>{admin.user.name}</bdi>" in row.text
    assert "SMS is paused." in row.text


def test_a_paused_channel_is_resumed(admin: Any) -> None:
    admin.act("/channels/sms/pause", why="Twilio is being moved")

    row = admin.act("/channels/sms/resumption")

    assert "SMS is open." in row.text
    assert not _channel("sms").is_paused


def test_a_channel_that_paused_itself_is_resumed_by_hand(admin: Any) -> None:
    with writing():
        row = db.session.get_one(ChannelState, ChannelName.EMAIL)
        row.pause_kind, row.why, row.paused_by = PauseKind.BREAKER, "The server refuses", "Bellhop"
        row.paused_at, row.paused_until = later(0), later(60)
    assert _channel("email").tries_again_at is not None

    admin.act("/channels/email/resumption")

    assert not _channel("email").is_paused


def test_without_a_script_the_act_leads_back_to_the_page(admin: Any) -> None:
    answer = admin.act("/channels/sms/pause", htmx=False, why="Maintenance")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/queue")
    assert "Maintenance" in admin.get("/queue").text


@pytest.mark.parametrize("why", ["", "   ", "x" * 301])
def test_a_pause_without_a_fit_reason_is_refused(admin: Any, why: str) -> None:
    assert admin.act("/channels/sms/pause", why=why).status_code == 422
    assert not _channel("sms").is_paused


def test_a_second_pause_is_told_that_it_is_paused_already(admin: Any) -> None:
    admin.act("/channels/sms/pause", why="First")

    again = admin.act("/channels/sms/pause", why="Second")

    assert again.status_code == 409
    assert _channel("sms").why == "First"


def test_an_unknown_channel_is_not_found(admin: Any) -> None:
    assert admin.act("/channels/pigeon/pause", why="No pigeons").status_code == 404


def test_a_manager_may_not_pause(manager: Any) -> None:
    assert manager.act("/channels/sms/pause", why="Maintenance").status_code == 403
    assert not _channel("sms").is_paused


def test_a_reason_is_shown_as_text(admin: Any) -> None:
    row = admin.act("/channels/sms/pause", why="<b>bold</b>")

    assert "&lt;b&gt;bold&lt;/b&gt;" in row.text


def test_the_fragment_asks_again_by_what_it_shows(admin: Any) -> None:
    page = admin.get("/queue").text
    asks = re.search(r'hx-get="(/queue/channels\?seen=\w+)"', page)
    assert asks

    unchanged = admin.get(asks[1])
    admin.act("/channels/whatsapp/pause", why="Maintenance")
    changed = admin.get(asks[1])

    assert (unchanged.status_code, changed.status_code) == (204, 200)


def _channel(name: str) -> channels.ChannelView:
    db.session.rollback()
    return next(view for view in channels.read() if view.name == name)
