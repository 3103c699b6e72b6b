"""A port that takes connections and never answers: what a broker behind a broken firewall looks like."""

import socket
import threading
from types import TracebackType
from typing import Self


class BlackHole:
    """Listens on loopback, accepts, and says nothing. A context manager."""

    def __init__(self) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._taken: list[socket.socket] = []
        threading.Thread(target=self._take, daemon=True).start()

    def _take(self) -> None:
        while True:
            try:
                self._taken.append(self._door.accept()[0])
            except OSError:
                return  # The door was closed.

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._door.close()
        for line in self._taken:
            line.close()
