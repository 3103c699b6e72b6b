"""A chat's webhook for tests: a real HTTP server that keeps what it is told; it may refuse, hang or drip."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """`status` is its next answers'; `hangs` lets a call wait until `release`, `drips` answers a byte now and then."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.status = 200
        self.hangs = self.drips = False
        self._released = threading.Event()
        handler = type("Handler", (_Handler,), {"listener": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/hook/secret"

    @property
    def texts(self) -> list[str]:
        return [post["text"] for post in self.posts]

    def release(self) -> None:
        """Let calls that hang go."""
        self._released.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the release."""
        return self._released.wait(seconds)

    def close(self) -> None:
        """Stop listening."""
        self.release()
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    listener: Listener

    def do_POST(self) -> None:
        """Keep the body and answer as told."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.listener.posts.append(json.loads(body))
        self.listener.paths.append(self.path)
        if self.listener.hangs:
            self.listener.wait()
        self.send_response(self.listener.status)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "1000" if self.listener.drips else "2")
        self.end_headers()
        while self.listener.drips and not self.listener.wait(0.05):
            self.wfile.write(b".")
            self.wfile.flush()
        self.wfile.write(b"ok")

    def handle(self) -> None:
        """A caller that hangs up first is no error here."""
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # The library's own name.
        """Say nothing."""


@contextmanager
def listening() -> Iterator[Listener]:
    """A listener for a while."""
    listener = Listener()
    try:
        yield listener
    finally:
        listener.close()
