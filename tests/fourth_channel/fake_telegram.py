"""Telegram's side, on loopback: takes messages over HTTP, and says what became of them."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass
class FakeTelegram:
    """What it took: each message's form, in order, and its status by its id."""

    url: str = ""
    token: str = "123:secret"
    blocked: set[str] = field(default_factory=set)  # Phones whose owners blocked the bot.
    taken: list[dict[str, str]] = field(default_factory=list)
    status: str = "sent"  # Of every message.

    def send(self, form: dict[str, str]) -> tuple[int, object]:
        """Take a message, unless its guest blocked us."""
        if form["phone"] in self.blocked:
            return 403, {"description": "Forbidden: bot was blocked by the user"}
        self.taken.append(form)
        return 200, {"id": f"TG{len(self.taken)}"}

    def find(self, query: dict[str, str]) -> tuple[int, object]:
        """The messages of an id or a token."""
        rows = [{"id": f"TG{n}", "token": form["token"]} for n, form in enumerate(self.taken, start=1)]
        ((key, value),) = query.items()
        return 200, [{"id": row["id"], "status": self.status} for row in rows if row[key] == value]


@contextmanager
def running() -> Iterator[FakeTelegram]:
    """Serve until the end of the block."""
    fake = FakeTelegram()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            self._answer("sendMessage", fake.send, self.rfile.read(length).decode())

        def do_GET(self) -> None:
            self._answer("messages", fake.find, urlsplit(self.path).query)

        def _answer(self, call: str, answer: object, query: str) -> None:
            known = urlsplit(self.path).path == f"/bot{fake.token}/{call}"
            values = {key: value[0] for key, value in parse_qs(query).items()}
            status, content = answer(values) if known else (401, {})  # type: ignore[operator]
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Keep the output of tests clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
