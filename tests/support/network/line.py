"""A line between a program and its server that a test drops, refuses or silences."""

import socket
import struct
import threading
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

Mode = Literal["pass", "silent", "drop", "refuse"]
CHUNK = 65_536
# Closing with this sends RST: the other side sees a reset, not an end.
RESET = struct.pack("ii", 1, 0)


class Line:
    """Listens on loopback and hands on to a port, or to the socket of a path. A context manager.

    "silent" takes connections and bytes and hands on neither; "drop" resets all, the new ones too; "refuse" does not
    listen. Whatever was held while it was silent is handed on once it passes again.
    """

    def __init__(self, target: int | str = 0) -> None:
        self.target = target
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._open = threading.Event()
        self._open.set()
        self._drops = False
        self._ends: set[socket.socket] = set()
        self._begin()

    def be(self, mode: Mode) -> None:
        """Behave so from now on."""
        self._drops = mode == "drop"
        if mode in ("drop", "refuse"):
            self._cut()
        if mode == "refuse":
            self._door.shutdown(socket.SHUT_RDWR)  # Wakes the thread that accepts.
            self._door.close()
        elif self._door.fileno() < 0:
            self._door = socket.create_server(("127.0.0.1", self.port))
            self._begin()
        (self._open.clear if mode == "silent" else self._open.set)()

    def _begin(self) -> None:
        threading.Thread(target=self._take, args=(self._door,), daemon=True).start()

    def _take(self, door: socket.socket) -> None:
        while True:
            try:
                near = door.accept()[0]
            except OSError:
                return  # It was closed.
            self._ends.add(near)
            if self._drops:
                self._cut()
            else:
                threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self._open.wait()
        try:
            far = self._dial()
        except OSError:
            near.close()
            return
        self._ends.add(far)
        threading.Thread(target=self._hand_on, args=(far, near), daemon=True).start()
        self._hand_on(near, far)

    def _dial(self) -> socket.socket:
        if isinstance(self.target, int):
            return socket.create_connection(("127.0.0.1", self.target), timeout=None)
        far = socket.socket(socket.AF_UNIX)
        far.connect(self.target)
        return far

    def _hand_on(self, here: socket.socket, there: socket.socket) -> None:
        with suppress(OSError):
            while data := here.recv(CHUNK):
                self._open.wait()
                there.sendall(data)
        for end in (here, there):
            self._ends.discard(end)
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _cut(self) -> None:
        for end in list(self._ends):
            self._ends.discard(end)
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._open.set()
        self._door.close()
        self._cut()
