"""The second place: with the whole of DATA_DIR put back, Redis still knows how far the database had come."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.restores.conftest import Copy
from tests.support.servers import Valkey
from webapp.extensions import db
from webapp.monitor.redis import broker
from webapp.services.restores import guard, marks
from webapp.services.restores.guard import Grow
from webapp.settings import Settings

pytestmark = [pytest.mark.usefixtures("app")]
Do, Copies, PutBack = Callable[[], None], Callable[[], Copy], Callable[[Copy], None]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    folder: Path = tmp_path_factory.mktemp("valkey")
    with Valkey(folder) as server:
        yield server


@pytest.fixture
def settings(settings: Settings, valkey: Valkey) -> Settings:
    return settings.model_copy(update={"redis_url": valkey.url})


@pytest.fixture
def folder_put_back(work: Do, copied: Copies, put_back: PutBack) -> None:
    """The database and the file beside it are of one moment, and so is their backup."""
    work()
    rows, file = copied(), marks.path().read_text()
    work()
    put_back(rows)
    marks.path().write_text(file)
    db.session.remove()


def test_a_whole_folder_that_was_put_back_is_noticed(folder_put_back: None, restart: Do) -> None:
    restart()

    assert guard.is_held()


def test_it_is_noticed_once_redis_is_back(folder_put_back: None, restart: Do, valkey: Valkey) -> None:
    valkey.kill()
    restart()
    assert not guard.is_held()  # Nobody can know: what the other place says would be needed.

    valkey.start()
    broker.of_app()._quiet_until = 0
    guard.look(Grow.WHEN_DUE)

    assert guard.is_held()


def test_a_redis_that_was_emptied_costs_nothing_but_that_place(
    folder_put_back: None, restart: Do, valkey: Valkey
) -> None:
    valkey.flush()

    restart()

    name = guard.state()
    assert name is not None and not name.is_held and marks.read(name.name).in_redis is not None


def test_a_redis_that_holds_something_else_there_says_nothing(work: Do, restart: Do, valkey: Valkey) -> None:
    work()
    row = guard.state()
    assert row is not None
    for text in ("", "{", "7", '{"epoch": null, "at": 3}', '{"epoch": 9999, "at": "yesterday", "run": ""}'):
        valkey.call("SET", marks.KEY + row.name, text)
        restart()
        assert not guard.is_held()
