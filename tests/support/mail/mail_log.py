"""What the SMTP servers of the tests write down."""

import threading
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property
from typing import Literal


@dataclass
class MailArrival:
    """One mail transaction, from MAIL to its final reply or its end."""

    number: int
    started: float  # Monotonic seconds when MAIL came.
    sender: str = ""
    to: list[str] = field(default_factory=list)  # Recipients that were accepted.
    tried: list[str] = field(default_factory=list)  # All that were named.
    options: list[str] = field(default_factory=list)  # ESMTP parameters of MAIL and RCPT.
    content: bytes = b""  # What came of the body, whole or not.
    whole: bool = False  # Whether the final dot came.
    kept: bool = False  # Whether the server took the mail.
    reply: str = ""  # The last reply sent; empty where the line was cut before one.
    ended: float | None = None

    @cached_property
    def mail(self) -> EmailMessage:
        """The parsed mail."""
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def message_id(self) -> str:
        """The Message-ID header, `<…@…>`."""
        return str(self.mail["Message-ID"] or "").strip()

    @property
    def text(self) -> str:
        """The plain text part."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """The HTML part."""
        return self._part("html")

    def _part(self, kind: Literal["plain", "html"]) -> str:
        part = self.mail.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part else ""


class MailLog:
    """A thread-safe list of arrivals."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrivals: list[MailArrival] = []

    def begin(self, started: float, sender: str, options: list[str]) -> MailArrival:
        """Note that a transaction began."""
        with self._lock:
            arrival = MailArrival(len(self._arrivals) + 1, started, sender, options=options)
            self._arrivals.append(arrival)
            return arrival

    @property
    def arrivals(self) -> list[MailArrival]:
        """All transactions, in the order in which they began."""
        with self._lock:
            return list(self._arrivals)

    @property
    def mails(self) -> list[MailArrival]:
        """The mails that were taken."""
        return [a for a in self.arrivals if a.kept]

    def to(self, address: str) -> list[MailArrival]:
        """List the mails that were taken for an address."""
        return [a for a in self.mails if address in a.to]
