"""A real broker for the tests that ask for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import Valkey
from webapp.monitor.redis.broker import Broker
from webapp.setting_values import redis_url
from webapp.settings import Settings


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    """A broker of the test's own, to be frozen, filled and killed."""
    folder = tmp_path / "valkey"
    folder.mkdir()
    with Valkey(folder) as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The usual settings; with the real broker where the test has one."""
    if "valkey" not in request.fixturenames:
        return settings
    return settings.model_copy(update={"redis_url": request.getfixturevalue("valkey").url})


@pytest.fixture
def broker(valkey: Valkey) -> Broker:
    """The client that is tested."""
    return Broker(lambda: redis_url.read(valkey.url))
