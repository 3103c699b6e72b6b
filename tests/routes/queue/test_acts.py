"""Acts on the whole queue: each says its numbers first, does what it said, and is written down."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from sqlalchemy import select

from tests.factories import a_message
from tests.support.servers import Valkey
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import Action, Audit, ChannelName, ChannelState, Message, PauseKind
from webapp.monitor import channels
from webapp.services.audit import BELLHOP
from webapp.services.delivery import channel_gate
from webapp.services.queue import acts as queue_acts
from webapp.settings import Settings

ORPHAN = "8a9f.reply.celery.pidbox"


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of the test's own."""
    (tmp_path / "valkey").mkdir()
    with Valkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The usual settings; with the real broker where the test has one."""
    if "valkey" not in request.fixturenames:
        return settings
    return settings.model_copy(update={"redis_url": request.getfixturevalue("valkey").url})


def test_ringing_says_for_how_many_first(admin: Any) -> None:
    for _ in range(3):
        a_message()
    a_message(due_in=timedelta(hours=1))

    for path in ("/queue/asks/bells", "/queue/asks/bells/dialog"):
        page = admin.get(path).text
        assert "3 guests have a message that could go out now." in page
        assert 'action="/queue/bells"' in page


def test_ringing_rings_for_all_that_waits_and_is_written_down(admin: Any, bells: list[int]) -> None:
    lanes = {a_message().guest_id for _ in range(3)}

    answer = admin.act("/queue/bells", htmx=False)

    assert (answer.status_code, set(bells)) == (303, lanes)
    assert _acts(Action.QUEUE_RUNG) == [{"lanes": 3}]
    assert "3 guests’ messages were queued." in admin.get("/queue").text


def test_no_more_are_rung_for_than_were_promised(admin: Any, bells: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_acts, "MOST_LANES", 2)
    for _ in range(4):
        a_message()

    page = admin.get("/queue/asks/bells").text
    admin.act("/queue/bells", htmx=False)

    assert "At least 2 guests" in page
    assert len(bells) == 2


def test_where_nothing_waits_nothing_is_offered(admin: Any) -> None:
    page = admin.get("/queue/asks/bells").text

    assert "No message is due that could go out now." in page
    assert 'type="submit"' not in page.split('action="/queue/bells"')[1].split("</form>")[0]


def test_orphaned_reply_keys_are_counted_then_dropped(admin: Any, valkey: Valkey) -> None:
    with redis.Redis.from_url(valkey.url) as keys:
        for number in range(3):
            keys.rpush(f"{number}{ORPHAN}", "an answer")
            keys.restore(f"{number}{ORPHAN}", 0, keys.dump(f"{number}{ORPHAN}"), replace=True, idletime=100)
        keys.rpush(ORPHAN, "an answer that somebody waits for")

        page = admin.get("/queue/asks/reply-keys").text
        admin.act("/queue/reply-keys/removal", htmx=False)

        assert "3 leftover keys were found" in page
        assert keys.keys("*.pidbox") == [ORPHAN.encode()]
    assert _acts(Action.REPLY_KEYS_DROPPED) == [{"found": 3}]
    assert "3 leftover keys were removed." in admin.get("/queue").text


def test_with_redis_away_reply_keys_can_be_neither_counted_nor_dropped(admin: Any) -> None:
    assert admin.get("/queue/asks/reply-keys").status_code == 409
    assert admin.act("/queue/reply-keys/removal").status_code == 409
    assert _acts(Action.REPLY_KEYS_DROPPED) == []


def test_everything_is_paused_with_one_reason_that_all_staff_read(admin: Any, front_desk: Any) -> None:
    a_message()
    page = admin.get("/queue/asks/pause").text

    admin.act("/queue/pause", htmx=False, why="The numbers are being moved")

    assert "1 message waits and goes on waiting" in page and "SMS, WhatsApp, E-mail" in page
    assert set(_paused().values()) == {"The numbers are being moved"}
    banner = front_desk.get("/bookings").text
    assert "The numbers are being moved" in banner or "Messages are not going out" in banner
    assert [act["channel"] for act in _acts(Action.CHANNEL_PAUSED)] == list(ChannelName)


def test_a_pause_of_everything_needs_a_reason(admin: Any) -> None:
    assert admin.act("/queue/pause", why=" ").status_code == 422
    assert _paused() == {}


def test_pausing_everything_leaves_an_older_reason_alone(admin: Any) -> None:
    channel_gate.pause(ChannelName.SMS, why="First", by=BELLHOP)

    admin.act("/queue/pause", htmx=False, why="Second")

    assert _paused()[ChannelName.SMS] == "First"
    assert admin.act("/queue/pause", why="Third").status_code == 409


def test_everything_is_resumed_whatever_had_paused_it(admin: Any) -> None:
    channel_gate.pause(ChannelName.SMS, why="Moving", by=BELLHOP)
    with writing():
        row = db.session.get_one(ChannelState, ChannelName.EMAIL)
        row.pause_kind, row.why, row.paused_by, row.paused_until = PauseKind.BREAKER, "Refused", "Bellhop", later(60)
    page = admin.get("/queue/asks/resumption").text

    admin.act("/queue/resumption", htmx=False)

    assert "SMS was paused by Bellhop. Moving" in page
    assert _paused() == {}
    assert len(_acts(Action.CHANNEL_RESUMED)) == 2
    assert admin.act("/queue/resumption").status_code == 409


@pytest.mark.settings(sms_provider="sandbox")
def test_a_test_message_is_sent_and_followed(admin: Any, bells: list[int]) -> None:
    answer = admin.act("/queue/tests", htmx=False, channel="sms", to="+14155552671")

    db.session.rollback()
    message = db.session.scalars(select(Message)).one()
    page = admin.get("/queue/tests").text
    assert (answer.status_code, bells) == (303, [message.guest_id])
    assert f'id="message-{message.id}"' in page and f"/messages/{message.id}/row" in page


def test_a_test_to_no_address_says_what_is_expected(admin: Any) -> None:
    answer = admin.act("/queue/tests", htmx=False, channel="sms", to="nobody")

    assert answer.status_code == 422
    assert "Enter a phone number with its country code" in answer.text


@pytest.mark.parametrize("path", ["/queue/asks/moon", "/queue/asks/moon/dialog"])
def test_an_unknown_act_is_not_found(admin: Any, path: str) -> None:
    assert admin.get(path).status_code == 404


def _acts(action: Action) -> list[dict[str, Any]]:
    db.session.rollback()
    acts = db.session.scalars(select(Audit).where(Audit.action == action).order_by(Audit.id))
    return [{name: value for name, value in act.detail.items() if name != "why"} for act in acts]


def _paused() -> dict[ChannelName, str]:
    """The closed channels, with why."""
    return {view.name: view.why for view in channels.read() if view.is_paused}
