"""A house on Debian's own Redis (TLS, a user of its own) behind Debian's own nginx, once for all tests here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.servers import Nginx, RealRedis
from tests.support.house import House


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only `make parts` runs these: other tests need nothing that is not in requirements.txt."""
    wanted = config.getoption("--parts") or collection_path.name in ("conftest.py", "__init__.py")
    return None if wanted else True


@pytest.fixture(scope="session")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealRedis]:
    with RealRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, redis: RealRedis) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    given = {"public_url": "https://desk.example.com", "trusted_proxies": 1}
    with House(folder, valkey=redis, sandbox=True, **given) as started:
        yield started


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory, house: House) -> Iterator[Nginx]:
    with Nginx(tmp_path_factory.mktemp("nginx"), house.url) as server:
        yield server


@pytest.fixture(autouse=True)
def bells() -> None:
    """Nothing stands in for the broker here."""
