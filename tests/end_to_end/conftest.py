"""A house for a module: real gunicorn, a real worker, a real Valkey, Twilio and SMTP over the wire."""

import itertools
from collections.abc import Iterator

import pytest

from tests.support.house import House

_numbers = itertools.count(200)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("house")) as started:
        yield started


@pytest.fixture
def phone() -> str:
    """A number that no other test writes to: a lane of its own."""
    return f"+1415555{next(_numbers):04d}"


@pytest.fixture(autouse=True)
def bells() -> None:
    """Nothing stands in for the broker here."""
