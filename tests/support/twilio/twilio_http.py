"""The HTTP side of the fake Twilio: one thread per connection, keep-alive, and the faults on the wire."""

import base64
import json
import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.support.network.lines import hung_up, reset_on_close, resets_on_close, shut
from tests.support.twilio.faults import Fault
from tests.support.twilio.twilio_store import WORDS, Arrival

if TYPE_CHECKING:
    from tests.support.twilio.fake_twilio import FakeTwilio


class Server(ThreadingHTTPServer):
    """Listens on loopback, and can cut all its lines."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, fake: "FakeTwilio", port: int = 0) -> None:
        self.fake = fake
        self.lines: set[socket.socket] = set()
        self.stopping = threading.Event()
        super().__init__(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def server_bind(self) -> None:
        """Bind without asking a name server for our name."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def start(self) -> int:
        """Serve in a thread; return the port."""
        self._thread.start()
        return int(self.server_port)

    def stop(self) -> None:
        """Stop listening and cut all lines."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        for line in list(self.lines):
            shut(line)
        self._thread.join(timeout=5)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the line, so that it can be cut."""
        self.lines.add(request)
        self.fake.connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a line; one that lingers for 0 s goes without a farewell (RST)."""
        self.lines.discard(request)
        if resets_on_close(request):
            request.close()
        else:
            super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that hang up; anything else is printed."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 65536  # One answer, one packet.
    server: Server

    def log_message(self, *_: Any) -> None:
        """Keep the tests' output free of access logs."""

    def handle_one_request(self) -> None:
        """Note when the first byte came, then go on as usual."""
        self.rfile.peek(1)  # type: ignore[attr-defined]
        self.began = time.monotonic()
        super().handle_one_request()

    def do_POST(self) -> None:
        """Create a message."""
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        form = dict(parse_qsl(text, keep_blank_values=True))
        fake = self.server.fake
        arrival, fault, released = fake.arrive(form, self.began)
        status, answer = self._denial() or self._created(arrival, fault)
        if fault.status >= 400:
            status, answer = fault.status, problem(fault.status, fault.code, fault.message)
        self._answer(status, answer, fault, released, arrival)

    def do_GET(self) -> None:
        """Show messages, a message or the account."""
        fault, released = self.server.fake.look(self.path)
        status, answer = self._denial() or self._shown()
        if fault.status >= 400:
            status, answer = fault.status, problem(fault.status, fault.code, fault.message)
        self._answer(status, answer, fault, released)

    def _denial(self) -> tuple[int, dict[str, Any]] | None:
        fake = self.server.fake
        right = base64.b64encode(f"{fake.account_sid}:{fake.auth_token}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {right}":
            return 401, problem(401, 20003)
        if not urlsplit(self.path).path.startswith(f"/2010-04-01/Accounts/{fake.account_sid}"):
            return 404, problem(404, 20404)
        if fake.account_status != "active" and self.command == "POST":
            return 401, problem(401, 20005, "Account not active")
        return None

    def _created(self, arrival: Arrival, fault: Fault) -> tuple[int, dict[str, Any]]:
        fake = self.server.fake
        if not urlsplit(self.path).path.endswith(f"/Accounts/{fake.account_sid}/Messages.json"):
            return 404, problem(404, 20404)
        if code := fake.refuse(arrival.form):
            return 400, problem(400, code)
        return 201, fake.take(arrival, hidden=fault.hidden).as_json() if fault.keeps else {}

    def _shown(self) -> tuple[int, dict[str, Any]]:
        fake, parts = self.server.fake, urlsplit(self.path)
        path = parts.path.removeprefix(f"/2010-04-01/Accounts/{fake.account_sid}")
        if path == ".json":
            return 200, account(fake)
        if path == "/Messages.json":
            return 200, listing(fake, parts.path, dict(parse_qsl(parts.query)))
        message = fake.message(path.removeprefix("/Messages/").removesuffix(".json"))
        return (200, message.as_json()) if message else (404, problem(404, 20404))

    def _answer(
        self,
        status: int,
        answer: dict[str, Any],
        fault: Fault,
        released: threading.Event,
        arrival: Arrival | None = None,
    ) -> None:
        arrival = arrival or Arrival(0, {}, self.began)
        gone = fault.delay > 0 and self._hung_up(fault.delay, released)
        gone = gone or (fault.hang and self._hung_up(float("inf"), released))
        if gone or fault.cut or (fault.hang and not fault.keeps):
            arrival.ended = time.monotonic()
            self._cut()
            return
        body = fault.raw if fault.raw is not None else json.dumps(answer).encode()
        arrival.status, arrival.code = fault.status or status, int(answer.get("code") or 0)
        self.send_response(arrival.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Twilio-Request-Id", f"RQ{id(answer):032x}")
        if fault.retry_after is not None:
            self.send_header("Retry-After", f"{fault.retry_after:g}")
        self.end_headers()
        for byte in body[:-1] if fault.drip else b"":
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self._hung_up(fault.drip, released):
                arrival.ended = time.monotonic()
                self._cut()
                return
        self.wfile.write(body[-1:] if fault.drip else body)
        # Before the last byte goes: whoever has the answer may start the next request at once.
        arrival.ended = time.monotonic()
        self.wfile.flush()

    def _hung_up(self, fault_seconds: float, released: threading.Event) -> bool:
        stopping = self.server.stopping
        return hung_up(self.connection, seconds=fault_seconds, until=released, stopping=stopping)

    def _cut(self) -> None:
        self.close_connection = True
        self.wfile.flush()
        reset_on_close(self.connection)


def problem(status: int, code: int = 0, message: str = "") -> dict[str, Any]:
    """Return Twilio's error body."""
    code = code or status
    text = message or WORDS.get(code, "An error occurred")
    return {
        "code": code,
        "message": text,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }


def account(fake: "FakeTwilio") -> dict[str, Any]:
    """Return the Account resource."""
    return {
        "sid": fake.account_sid,
        "friendly_name": "Hotel",
        "status": fake.account_status,
        "type": "Trial" if fake.trial else "Full",
        "owner_account_sid": fake.account_sid,
        "uri": f"/2010-04-01/Accounts/{fake.account_sid}.json",
    }


def listing(fake: "FakeTwilio", path: str, query: dict[str, str]) -> dict[str, Any]:
    """Return a page of messages, newest first, filtered by To and From."""
    to, sender = query.get("To"), query.get("From")
    found = [m for m in reversed(fake.messages) if not m.hidden and to in (None, m.to) and sender in (None, m.sender)]
    size, page = int(query.get("PageSize", 50)), int(query.get("Page", 0))

    def uri(number: int) -> str:
        return f"{path}?{urlencode(query | {'PageSize': str(size), 'Page': str(number)})}"

    return {
        "messages": [m.as_json() for m in found[page * size : (page + 1) * size]],
        "page": page,
        "page_size": size,
        "start": page * size,
        "end": max(0, min((page + 1) * size, len(found)) - 1),
        "uri": uri(page),
        "first_page_uri": uri(0),
        "next_page_uri": uri(page + 1) if (page + 1) * size < len(found) else None,
        "previous_page_uri": uri(page - 1) if page else None,
    }
