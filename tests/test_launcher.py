"""`make run` on a machine whose own address is ::1 alone."""

import errno
import socket
from typing import Any

import pytest

from deploy.launcher import guard
from webapp.errors import NotReady
from webapp.setting_values.redis_url import RedisAddress


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let this machine have no such addresses."""

    def remove(*missing: str) -> None:
        real = socket.socket.bind

        def bind(self: socket.socket, address: tuple[str, int]) -> None:
            if address[0] in missing:
                raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
            real(self, address)

        monkeypatch.setattr(guard.socket, "socket", type("Socket", (socket.socket,), {"bind": bind}))

    return remove


def test_the_usual_address_is_taken_where_it_is_there() -> None:
    assert guard.loopback() == "127.0.0.1"
    assert guard.free_port("127.0.0.1") > 0


@pytest.mark.skipif(not socket.has_ipv6, reason="this Python has no IPv6")
def test_where_only_the_new_one_is_there_it_is_taken(without: Any) -> None:
    without("127.0.0.1")

    assert guard.loopback() == "::1"
    assert RedisAddress("::1", guard.free_port("::1")).url.startswith("redis://[::1]:")


def test_with_neither_it_says_so(without: Any) -> None:
    without("127.0.0.1", "::1")

    with pytest.raises(NotReady, match="lo"):
        guard.loopback()
