"""With every worker dead, the web processes of a real gunicorn tell it, once, and tell when one is back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.house import House
from tests.support.network.listener import Listener, listening
from tests.support.waiting import until

PATIENCE = 90


@pytest.fixture(scope="module")
def chat() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, chat: Listener) -> Iterator[House]:
    folder: Path = tmp_path_factory.mktemp("alerts")
    told = {"alert_webhook_url": chat.url, "alert_emails": "ops@desk.example", "alert_no_worker_seconds": 2}
    with House(folder, **told) as started:
        yield started


def titles(chat: Listener) -> list[str]:
    return [text.split("\n")[0] for text in chat.texts]


def test_that_no_worker_is_left_is_told_by_the_web_and_that_one_is_back(house: House, chat: Listener) -> None:
    house.worker.kill()
    until(lambda: "Bellhop: No worker is running" in titles(chat), within=PATIENCE, saying="the chat was told")
    until(lambda: house.smtp.to("ops@desk.example"), within=PATIENCE, saying="a mail came too")
    assert f"{house.url}/queue" in chat.texts[0] and "Nothing is taking messages off the queue" in chat.texts[0]

    house.worker.start()
    until(lambda: "Bellhop: A worker is running again" in titles(chat), within=PATIENCE, saying="its end was told")

    assert titles(chat).count("Bellhop: No worker is running") == 1


def test_with_redis_away_too_it_is_told_all_the_same(house: House, chat: Listener) -> None:
    chat.posts.clear()
    house.valkey.stop()
    house.worker.kill()

    until(lambda: "Bellhop: No worker is running" in titles(chat), within=PATIENCE, saying="the chat was told")

    house.valkey.start()
    house.worker.start()


def test_a_worker_tells_of_a_channel_that_somebody_paused(house: House, chat: Listener) -> None:
    chat.posts.clear()
    lines = """
from webapp.models import ChannelName
from webapp.services.delivery import channel_gate
from webapp.services.audit import Actor
channel_gate.{act}(ChannelName.SMS, {why}by=Actor("Rosa Silva"))
"""
    house.python(lines.format(act="pause", why='why="Number sold", '))

    until(lambda: "Bellhop: SMS is paused" in titles(chat), within=PATIENCE, saying="the pause was told")
    house.python(lines.format(act="resume", why=""))

    until(lambda: "Bellhop: SMS is open again" in titles(chat), within=PATIENCE, saying="its end was told")
