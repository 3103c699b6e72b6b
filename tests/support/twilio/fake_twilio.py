"""A Twilio for tests: a real HTTP server with memory, faults on demand, and signed receipts.

    with FakeTwilio() as twilio:
        client.api.base_url = twilio.url
        twilio.fail_next(reject(21610), to="+15552340001")
        …
        assert len(twilio.to("+15552340001")) == 1

Served: POST and GET of Messages.json, GET of a message, GET of the account. It binds loopback only.
"""

import itertools
import re
import secrets
import socket
import threading
import time
from collections.abc import Iterable, Sequence
from types import TracebackType
from typing import Self

from tests.support.twilio.faults import Fault, Rules
from tests.support.twilio.twilio_http import Server
from tests.support.twilio.twilio_receipts import Forgery, Postman, Receipt, inbound_fields
from tests.support.twilio.twilio_store import (
    TRIAL_PREFIX,
    Arrival,
    Message,
    breaks_template_rules,
    refusal,
)

Step = tuple[str, int]


class FakeTwilio(Rules[Arrival]):
    """The fake. Everything may be called from any thread, at any time."""

    def __init__(
        self,
        *,
        auto_receipts: bool = False,
        receipt_gap: float = 0.02,
        trial: bool = False,
        senders: Iterable[str] = (),
    ) -> None:
        super().__init__()
        self.account_sid = "AC" + secrets.token_hex(16)
        self.auth_token = secrets.token_hex(16)
        self.auto_receipts, self.receipt_gap = auto_receipts, receipt_gap
        self.trial = trial
        self.senders = set(senders)  # The account's own numbers; empty: any is ours.
        self.account_status = "active"
        self.templates: dict[str, str] = {}  # ContentSid to a text with {{1}}; without one, the variables in a row.
        self.window_open = True  # False: WhatsApp text without a template fails with 63016, as outside 24 hours.
        self.looks: list[tuple[str, float]] = []  # Path with query, and monotonic seconds, of each GET.
        self.postman = Postman(self.auth_token)
        self._lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._arrivals: list[Arrival] = []
        self._messages: dict[str, Message] = {}
        self._fates: dict[str, list[Step]] = {}
        self._server: Server | None = None
        self._reserved: socket.socket | None = None
        self.port = 0
        self.connections = 0  # How many lines were opened so far.

    # Starting and stopping

    def start(self) -> Self:
        """Listen on a free port."""
        self._server = Server(self)
        self.port = self._server.start()
        return self

    def close(self) -> None:
        """Stop: hanging requests are cut, no more receipts go out."""
        self.go_down()
        self.postman.close()
        if self._reserved:
            self._reserved.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The address to put in place of https://api.twilio.com."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point an app here."""
        return {
            "twilio_api_url": self.url,
            "twilio_account_sid": self.account_sid,
            "twilio_auth_token": self.auth_token,
            "twilio_sms_from": "+15005550006",
            "twilio_whatsapp_from": "+15005550006",
        }

    def go_down(self) -> None:
        """Cut all lines and refuse connections; the port stays ours."""
        if self._server:
            self._server.stop()
            self._server, self._reserved = None, _bound(self.port)

    def come_back(self) -> None:
        """Listen again on the same port."""
        if self._reserved:
            self._reserved.close()
            self._reserved = None
            self._server = Server(self, self.port)
            self._server.start()

    # What arrived

    @property
    def arrivals(self) -> list[Arrival]:
        """All requests for a new message, in the order in which they came."""
        with self._lock:
            return list(self._arrivals)

    @property
    def messages(self) -> list[Message]:
        """All messages that were taken, in order."""
        with self._lock:
            return list(self._messages.values())

    @property
    def receipts(self) -> list[Receipt]:
        """All status callbacks that were sent."""
        return list(self.postman.log)

    def to(self, address: str) -> list[Arrival]:
        """List the arrivals for a number (both channels) or for one channel's address."""
        return [a for a in self.arrivals if address in (a.to, a.phone)]

    def taken(self, address: str) -> list[Message]:
        """List the messages that were taken for a number (both channels) or for one channel's address."""
        return [m for m in self.messages if address in (m.to, m.to.removeprefix("whatsapp:"))]

    def message(self, sid: str) -> Message | None:
        """Return one message that was taken."""
        with self._lock:
            return self._messages.get(sid)

    # Receipts

    def callback(
        self, sid: str, status: str, code: int = 0, *, times: int = 1, forge: Forgery = "", url: str = "", **extra: str
    ) -> int:
        """Send a status callback now, doubled if `times` says so; return the last answer's status.

        `forge`: "key" signs with a wrong token, "field" changes a field after signing, "missing" does not sign.
        """
        message = self._messages[sid]
        if not forge:
            message.advance(status, code)
        token = secrets.token_hex(16)  # Twilio repeats it when it sends one callback again.
        answers = [
            self.postman.receipt(message, status, code, forge=forge, token=token, url=url, **extra)
            for _ in range(times)
        ]
        return answers[-1]

    def callbacks(self, sid: str, statuses: Sequence[str]) -> list[int]:
        """Send status callbacks in this order, right or wrong."""
        return [self.callback(sid, status) for status in statuses]

    def ends(self, to: str, *steps: str | Step) -> None:
        """Decide what automatic receipts say for a number: `ends(to, "sent", ("undelivered", 30003))`."""
        with self._lock:
            self._fates[to] = [step if isinstance(step, tuple) else (step, 0) for step in steps]

    def text_in(self, url: str, *, sender: str, body: str, to: str = "+15005550006", forge: Forgery = "") -> int:
        """Send a guest's text to the inbound webhook; return the answer's status."""
        return self.postman.post(url, inbound_fields(self.account_sid, sender, to, body), forge=forge)

    # Called by the HTTP side

    def arrive(self, form: dict[str, str], started: float) -> tuple[Arrival, Fault, threading.Event]:
        """Note an arrival, and choose its fault and the event that would release it."""
        with self._lock:
            arrival = Arrival(next(self._numbers), form, started)
            self._arrivals.append(arrival)
        return arrival, *self.fault_for(arrival)

    def look(self, path: str) -> tuple[Fault, threading.Event]:
        """Note a GET, and choose its fault."""
        with self._lock:
            self.looks.append((path, time.monotonic()))
        return self.fault_for_look()

    def refuse(self, form: dict[str, str]) -> int:
        """Return the code that the request itself deserves, or 0."""
        sender = form.get("From", "")
        if code := refusal(form):
            return code
        if not self.senders or not sender or sender.removeprefix("whatsapp:") in self.senders:
            return 0
        return 63007 if sender.startswith("whatsapp:") else 21606

    def take(self, arrival: Arrival, *, hidden: bool) -> Message:
        """Keep the message of an arrival, and start its receipts."""
        form = arrival.form
        body = self._render(arrival) if arrival.content_sid else arrival.body
        message = Message(
            account_sid=self.account_sid,
            to=arrival.to,
            sender=form.get("From", ""),
            body=f"{TRIAL_PREFIX}{body}" if self.trial else body,
            status="accepted" if form.get("MessagingServiceSid") else "queued",
            callback=arrival.status_callback,
            service=form.get("MessagingServiceSid", ""),
            content_sid=arrival.content_sid,
            hidden=hidden,
        )
        with self._lock:
            self._messages[message.sid] = message
        arrival.sid = message.sid
        if self.auto_receipts:
            self.postman.later(message, self._fate(arrival), self.receipt_gap)
        return message

    def _fate(self, arrival: Arrival) -> list[Step]:
        chosen = self._fates.get(arrival.to) or self._fates.get(arrival.phone)
        if chosen:
            return chosen
        if arrival.to.startswith("whatsapp:"):
            if not arrival.content_sid and not self.window_open:
                return [("failed", 63016)]
            if breaks_template_rules(arrival):
                return [("failed", 63013)]
        return [("sent", 0), ("delivered", 0)]

    def _render(self, arrival: Arrival) -> str:
        values = arrival.content_variables
        template = self.templates.get(arrival.content_sid)
        if template is None:
            return " ".join(values.values())
        return re.sub(r"\{\{(\w+)\}\}", lambda match: values.get(match[1], ""), template)


def _bound(port: int) -> socket.socket:
    """Hold a port without listening: who connects is refused."""
    held = socket.socket()
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    held.bind(("127.0.0.1", port))
    return held
