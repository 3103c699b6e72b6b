"""The day's charts, the log, and the house: small, honest about gaps, and quiet where nothing changed."""

import gzip
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.servers import Valkey
from webapp import clock
from webapp.database import later, writing
from webapp.extensions import db
from webapp.models import DutyLease, LogLine
from webapp.monitor import queue
from webapp.monitor.redis import broker, minutes
from webapp.monitor.redis.minutes import Minute
from webapp.settings import Settings


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of the test's own."""
    (tmp_path / "valkey").mkdir()
    with Valkey(tmp_path / "valkey") as server:
        yield server


@pytest.fixture
def settings(settings: Settings, valkey: Valkey) -> Settings:
    """The usual settings with the real broker."""
    return settings.model_copy(update={"redis_url": valkey.url})


def _day(many: int = 1440) -> None:
    this = clock.now().replace(second=0, microsecond=0)
    for back in range(1, many):
        lively = Minute(start=this - timedelta(minutes=back), waiting=back % 40, running=back % 7, sent=back % 90,
                        failed=0, tries=back % 90, retried=back % 3, due_p95=back % 11 / 10, busy=back % 7, slots=16,
                        memory=2_000_000 + back)  # fmt: skip
        broker.of_app().ask(minutes.writer(lively))


def test_a_whole_day_is_drawn_and_stays_small(admin: Any) -> None:
    _day()

    page = admin.get("/queue/history")

    assert page.text.count("<figure") == 7
    assert "No figures for this time yet" not in page.text
    assert len(gzip.compress(page.data)) < 10 * 1024


def test_after_a_flush_the_past_is_unknown_and_never_0(admin: Any, valkey: Valkey) -> None:
    _day(60)
    assert "<polyline" in admin.get("/queue/history").text.split("<figure", 1)[1]

    valkey.flush()
    queue.of_app().forget()
    page = admin.get("/queue/history").text

    assert page.count("No figures for this time yet") == 7
    assert "unknown" in admin.get("/queue/figures").text


def test_with_redis_away_the_last_day_known_stays_and_says_so(admin: Any, valkey: Valkey) -> None:
    _day(60)
    admin.get("/queue/history")

    valkey.kill()
    queue.of_app().forget()
    page = admin.get("/queue/history").text

    assert "These are the last ones known" in page
    assert "No figures for this time yet" not in page


def test_lines_of_the_log_lead_to_their_booking_and_message(admin: Any) -> None:
    with writing():
        db.session.add(LogLine(level="warning", process="web", sentence="It went wrong.", reference="BK-9",
                               detail={"message_id": 7, "code": "<b>"}))  # fmt: skip
        db.session.add(LogLine(level="error", process="web", sentence="So did this.", reference="TEST-A1"))

    for page in (admin.get("/queue/log").text, admin.get("/queue/house").text):
        assert 'href="/bookings/BK-9"' in page and 'href="/messages/7"' in page
        assert "code &lt;b&gt;" in page
        assert "TEST-A1" in page and "/bookings/TEST-A1" not in page


def test_a_hundred_lines_are_shown_and_no_more(admin: Any) -> None:
    with writing():
        db.session.add_all(LogLine(level="warning", process="web", sentence=f"Line {n}.") for n in range(120))

    page = admin.get("/queue/log")

    assert page.text.count('<li id="line-') == 100
    assert "Line 119." in page.text and "Line 19." not in page.text
    assert len(gzip.compress(page.data)) < 10 * 1024


def test_duties_are_shown_with_holder_and_error(admin: Any) -> None:
    with writing():
        db.session.add(DutyLease(name="look_up", holder="w1", until=later(9), done_at=later(-1), error="OSError: gone"))
        db.session.add(DutyLease(name="prune", holder="w2", until=later(-9)))

    page = admin.get("/queue/house").text

    assert "Look up" in page and "OSError: gone" in page and "Failed" in page
    assert "Not running" in page and "w2" not in page


def test_the_house_answers_304_while_nothing_changes(admin: Any) -> None:
    first = admin.get("/queue/house")

    again = admin.get("/queue/house", headers={"If-None-Match": first.headers["ETag"]})

    assert again.status_code == 304
