"""Twilio's webhooks as the fake sends them: signed receipts and inbound texts."""

import heapq
import itertools
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

import requests
from twilio.request_validator import RequestValidator

from tests.support.twilio.twilio_store import Message

Forgery = Literal["", "key", "field", "missing"]


@dataclass(frozen=True)
class Receipt:
    """One webhook that was sent, and what it was answered (0: it did not get through)."""

    sid: str
    status: str
    answered: int
    at: float


class Postman:
    """Sends webhooks, at once or later in order, and keeps a log."""

    def __init__(self, auth_token: str) -> None:
        self.auth_token = auth_token
        # Replaces scheme, host and port of where webhooks go, not of what is signed: as a reverse proxy would.
        self.reach = ""
        self.log: list[Receipt] = []
        self._due: list[tuple[float, int, Message, list[tuple[str, int]], float]] = []
        self._count = itertools.count()
        self._changed = threading.Condition()
        self._closed = False
        self._threads: list[threading.Thread] = []

    def post(
        self, url: str, fields: dict[str, str], *, forge: Forgery = "", token: str = "", timeout: float = 15
    ) -> int:
        """Post signed fields; return the status answered, or 0 where nobody did. Never leaves this machine."""
        there = urlsplit(url)
        if self.reach:
            there = there._replace(scheme=urlsplit(self.reach).scheme, netloc=urlsplit(self.reach).netloc)
        if there.hostname not in ("localhost", "127.0.0.1", "::1"):
            return 0
        key = secrets.token_hex(16) if forge == "key" else self.auth_token
        headers = {"User-Agent": "TwilioProxy/1.1", "I-Twilio-Idempotency-Token": token or secrets.token_hex(16)}
        if forge != "missing":
            headers["X-Twilio-Signature"] = RequestValidator(key).compute_signature(url, fields)
        if forge == "field":
            fields = fields | {"MessageStatus": "read"}
        with requests.Session() as session:
            session.trust_env = False  # A proxy of the environment must not see loopback traffic.
            try:
                return session.post(
                    there.geturl(), data=fields, headers=headers, timeout=timeout, allow_redirects=False
                ).status_code
            except requests.RequestException:
                return 0

    def receipt(
        self,
        message: Message,
        status: str,
        code: int = 0,
        *,
        forge: Forgery = "",
        token: str = "",
        url: str = "",
        **extra: str,
    ) -> int:
        """Tell the message's callback URL of a status."""
        url = url or message.callback
        if not url:
            raise ValueError(f"message {message.sid} was sent without StatusCallback")
        answered = self.post(url, receipt_fields(message, status, code) | extra, forge=forge, token=token)
        self.log.append(Receipt(message.sid, status, answered, time.monotonic()))
        return answered

    def later(self, message: Message, steps: Sequence[tuple[str, int]], gap: float) -> None:
        """Go through the steps (status, code) in the background, `gap` seconds apart, in order."""
        with self._changed:
            if not self._threads:
                self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(4)]
                for thread in self._threads:
                    thread.start()
            heapq.heappush(self._due, (time.monotonic() + gap, next(self._count), message, list(steps), gap))
            self._changed.notify()

    def close(self) -> None:
        """Send nothing more; wait for what is on its way."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join(timeout=20)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._closed and (not self._due or self._due[0][0] > time.monotonic()):
                    self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
                if self._closed:
                    return
                _, _, message, steps, gap = heapq.heappop(self._due)
            status, code = steps[0]
            message.advance(status, code)
            if message.callback:
                self.receipt(message, status, code)
            if steps[1:]:
                self.later(message, steps[1:], gap)


def receipt_fields(message: Message, status: str, code: int = 0) -> dict[str, str]:
    """Return the form of a status callback."""
    fields = {
        "MessageSid": message.sid,
        "SmsSid": message.sid,
        "AccountSid": message.account_sid,
        "From": message.sender or "+15005550006",
        "To": message.to,
        "ApiVersion": "2010-04-01",
        "MessageStatus": status,
        "SmsStatus": status,
    }
    if message.service:
        fields["MessagingServiceSid"] = message.service
    failed = status in ("failed", "undelivered")
    if failed and code:
        fields["ErrorCode"] = str(code)
    if message.to.startswith("whatsapp:"):
        fields |= {"ChannelPrefix": "whatsapp", "ChannelInstallSid": "XE" + "0" * 32}
        fields |= {"ChannelStatusMessage": "Channel error"} if failed else {}
        fields |= {"EventType": "READ"} if status == "read" else {}
    elif status in ("delivered", "undelivered"):
        fields["RawDlrDoneDate"] = time.strftime("%y%m%d%H%M", time.gmtime())
    return fields


def inbound_fields(account_sid: str, sender: str, to: str, body: str) -> dict[str, str]:
    """Return the form of a text that came in; STOP and its like carry OptOutType."""
    sid = "SM" + secrets.token_hex(16)
    fields = {"MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "AccountSid": account_sid, "From": sender}
    fields |= {"To": to, "Body": body, "NumMedia": "0", "NumSegments": "1", "SmsStatus": "received"}
    fields["ApiVersion"] = "2010-04-01"
    word = body.strip().upper()
    kinds = {"STOP": "STOP", "UNSUBSCRIBE": "STOP", "CANCEL": "STOP", "START": "START", "HELP": "HELP"}
    return fields | ({"OptOutType": kinds[word]} if word in kinds else {})
