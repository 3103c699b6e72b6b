"""A total deadline for one conversation with a provider.

A library's timeout bounds one socket operation, so a provider that sends a byte now and then never breaks it. Here one
watchdog thread shuts the socket when the whole conversation has taken too long, which wakes its reader.
"""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

_FAMILIES: tuple[tuple[type[OSError], str], ...] = (
    (socket.gaierror, "dns"),
    (ssl.SSLCertVerificationError, "certificate"),
    (ssl.SSLError, "tls"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "cut_early"),
    (TimeoutError, "connect_timeout"),
)


def code_of(trouble: OSError) -> str:
    """Returns our own code for a connection that could not be made."""
    return next((code for family, code in _FAMILIES if isinstance(trouble, family)), "unreachable")


class Deadline:
    """Shuts the watched socket `seconds` after the block is entered; use it in a `with`."""

    def __init__(self, seconds: float) -> None:
        self.due = time.monotonic() + seconds
        self.passed = False
        self._handle: socket.socket | None = None
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        _watchdog.add(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        _watchdog.discard(self)
        self._hold(None)

    @property
    def left(self) -> float:
        """Seconds left, at least 0."""
        return 0.0 if self.passed else max(0.0, self.due - time.monotonic())

    def give(self, seconds: float) -> None:
        """Move the end to `seconds` from now."""
        self.due = time.monotonic() + seconds
        _watchdog.add(self)

    def connect(self, host: str, port: int, timeout: float) -> socket.socket:
        """Open a watched connection, trying the host's addresses while time is left; the DNS may take longer.

        Raises:
            OSError: no address answered; `code_of` names the reason.
        """
        trouble: OSError = TimeoutError("there was no time left to connect")
        for sock, address in self._candidates(host, port, timeout):
            try:
                sock.connect(address)
                sock.settimeout(timeout)
                self.watch(sock)
                return sock
            except OSError as error:
                trouble = error
                sock.close()
        raise trouble

    def _candidates(self, host: str, port: int, timeout: float) -> Iterator[tuple[socket.socket, Any]]:
        for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            if not self.left:
                return
            sock = socket.socket(family, kind, protocol)
            sock.settimeout(max(0.001, min(timeout, self.left)))
            # Requests are one small write after another: Nagle's delay would cost 40 ms each.
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            yield sock, address

    def watch(self, sock: socket.socket) -> None:
        """Watch this socket in place of the one before.

        A second handle is kept: it survives the wrapping in TLS, and closing the first cannot make it another's.
        """
        self._hold(socket.fromfd(sock.fileno(), sock.family, sock.type))
        if self.passed:
            self.cut()

    def cut(self) -> None:
        """Shut the socket both ways now, which wakes whoever waits on it."""
        with self._lock:
            self.passed = True
            if self._handle:
                with suppress(OSError):
                    self._handle.shutdown(socket.SHUT_RDWR)

    def _hold(self, handle: socket.socket | None) -> None:
        with self._lock:
            former, self._handle = self._handle, handle
        if former:
            former.close()


class _Watchdog:
    """One thread for all deadlines of the process. It sleeps until the earliest."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: set[Deadline] = set()
        self._thread: threading.Thread | None = None
        self._wakes_at = float("inf")

    def add(self, deadline: Deadline) -> None:
        """Watch a deadline, or look again at one whose end moved."""
        with self._changed:
            self._running.add(deadline)
            # A fork leaves the thread behind in the parent, so being set is not enough.
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()
            if deadline.due < self._wakes_at:
                self._changed.notify()

    def discard(self, deadline: Deadline) -> None:
        with self._changed:
            self._running.discard(deadline)

    def _run(self) -> None:
        with self._changed:
            while True:
                now = time.monotonic()
                for late in [deadline for deadline in self._running if deadline.due <= now]:
                    self._running.discard(late)
                    late.cut()
                self._wakes_at = min((deadline.due for deadline in self._running), default=float("inf"))
                self._changed.wait(self._wakes_at - now if self._running else None)


_watchdog = _Watchdog()
