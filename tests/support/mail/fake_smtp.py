"""A mail server for tests: a real one (aiosmtpd) that keeps mails and refuses by rule.

    with FakeSmtp() as smtp:
        smtp.refuse("RCPT", "550 5.1.1 No such user", to="amelia@example.com")

Faults of the wire (cuts, stalls, 421 at connect) are `WireSmtp`'s, in `wire_smtp.py`.
"""

import asyncio
import ssl
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.support.mail.mail_log import MailArrival, MailLog
from tests.support.mail.wire_smtp import WireSmtp
from tests.support.network.ports import free_port

__all__ = ["FakeSmtp", "MailArrival", "Rule", "Stage", "WireSmtp", "make_certificate"]

Stage = Literal["AUTH", "MAIL", "RCPT", "DATA", "END"]  # END: after the final dot.
Rule = Callable[[Stage, str], str | None]  # The stage and its address; a reply refuses.


class FakeSmtp(MailLog):
    """The fake. Its rules may be changed at any time, from any thread."""

    def __init__(
        self,
        *,
        tls: Literal["", "starttls", "implicit"] = "",
        certificate: tuple[Path, Path] | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        """`tls` needs a `certificate` (see `make_certificate`); `login` demands this name and password."""
        super().__init__()
        self.login = login
        self.thinks = 0.0  # Seconds between the final dot and the reply.
        self._rules: list[Rule] = []
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, certificate))
        self.port = free_port()
        self._controller = _Controller(
            self,
            port=self.port,
            ssl_context=context if tls == "implicit" else None,
            tls_context=context if tls == "starttls" else None,
        )

    host = "127.0.0.1"

    @property
    def settings(self) -> dict[str, Any]:
        """The settings that point an app here."""
        return {"mail_server": self.host, "mail_port": self.port, "mail_default_sender": "desk@hotel.example"}

    def start(self) -> Self:
        """Listen."""
        self._controller.start()
        return self

    def close(self) -> None:
        """Stop, cutting the lines that are open."""
        self._controller.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def rule(self, rule: Rule) -> Rule:
        """Add a rule: it sees each stage and address and answers a refusing reply or None."""
        self._rules.append(rule)
        return rule

    def refuse(self, stage: Stage, reply: str, *, to: str | None = None, times: float = float("inf")) -> None:
        """Refuse at a stage with this reply, for one recipient (RCPT, DATA, END) or for all."""
        left = [times]

        def rule(at: Stage, address: str) -> str | None:
            if at != stage or left[0] <= 0 or (to is not None and to != address):
                return None
            left[0] -= 1
            return reply

        self.rule(rule)

    def heal(self) -> None:
        """Forget all rules."""
        self._rules.clear()
        self.thinks = 0.0

    def verdict(self, stage: Stage, address: str) -> str | None:
        """Return the first rule's refusal, if any."""
        return next((reply for rule in list(self._rules) if (reply := rule(stage, address))), None)


class _Controller(Controller):
    """Runs the server in a thread; cuts open lines when it stops."""

    def __init__(self, fake: FakeSmtp, *, port: int, **options: Any) -> None:
        self.fake = fake
        self.lines: set[asyncio.BaseTransport] = set()
        options["authenticator"] = _authenticator(fake)
        super().__init__(_Handler(fake), hostname=fake.host, port=port, auth_require_tls=False, **options)

    def factory(self) -> SMTP:
        """Make the protocol of one connection."""
        return _Smtp(self.handler, fake=self.fake, lines=self.lines, **self.SMTP_kwargs)

    def stop(self, no_assert: bool = False) -> None:
        """Cut what is open, then stop."""
        for line in list(self.lines):
            self.loop.call_soon_threadsafe(line.abort)  # type: ignore[attr-defined]
        super().stop(no_assert)


class _Envelope(Envelope):
    """An envelope that knows its line in the log."""

    arrival: MailArrival


class _Smtp(SMTP):
    """aiosmtpd's protocol, which has no hook of its own before the body."""

    def __init__(
        self, handler: "_Handler", *, fake: FakeSmtp, lines: set[asyncio.BaseTransport], **options: Any
    ) -> None:
        super().__init__(handler, **options)
        self.fake, self.lines = fake, lines

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember the line."""
        self.lines.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the line; a transaction that was open ends here."""
        self.lines.discard(self.transport)
        arrival = getattr(self.envelope, "arrival", None)
        if arrival and arrival.ended is None:
            arrival.ended = time.monotonic()
        super().connection_lost(error)

    def _create_envelope(self) -> Envelope:
        return _Envelope()

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Refuse before the body where a rule says so."""
        arrival: MailArrival | None = getattr(self.envelope, "arrival", None)
        for address in arrival.to if arrival else []:
            if arrival and (reply := self.fake.verdict("DATA", address)):
                await self.push(_end(arrival, reply))
                return
        await super().smtp_DATA(arg)


class _Handler:
    """aiosmtpd's hooks: each asks the rules, then notes what came."""

    def __init__(self, fake: FakeSmtp) -> None:
        self.fake = fake

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: _Envelope, address: str, options: list[str]
    ) -> str:
        """Begin a transaction."""
        envelope.arrival = arrival = self.fake.begin(time.monotonic(), address, list(options))
        reply = self.fake.verdict("MAIL", address)
        if self.fake.login and not session.authenticated:
            reply = "530 5.7.0 Authentication required"
        if reply:
            return _end(arrival, reply)
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: _Envelope, address: str, options: list[str]
    ) -> str:
        """Name a recipient."""
        envelope.arrival.tried.append(address)
        envelope.arrival.options += options
        if reply := self.fake.verdict("RCPT", address):
            return _end(envelope.arrival, reply)
        envelope.arrival.to.append(address)
        envelope.arrival.ended = None
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: _Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Take the whole mail."""
        arrival: MailArrival = envelope.arrival
        arrival.content, arrival.whole = bytes(envelope.original_content or b""), True
        await asyncio.sleep(self.fake.thinks)
        if reply := next((r for a in arrival.to if (r := self.fake.verdict("END", a))), None):
            return _end(arrival, reply)
        arrival.kept = True
        return _end(arrival, f"250 2.0.0 Ok: queued as {arrival.number:08X}")


def _end(arrival: MailArrival, reply: str) -> str:
    arrival.reply, arrival.ended = reply, time.monotonic()
    return reply


def _authenticator(fake: FakeSmtp) -> Callable[..., AuthResult]:
    def check(server: SMTP, session: Session, envelope: _Envelope, mechanism: str, data: LoginPassword) -> AuthResult:
        if reply := fake.verdict("AUTH", ""):
            return AuthResult(success=False, handled=False, message=reply)
        right = fake.login is None or (data.login.decode(), data.password.decode()) == fake.login
        return AuthResult(success=right, handled=False)

    return check


def make_certificate(folder: Path, name: str = "localhost") -> tuple[Path, Path]:
    """Make a self-signed certificate and its key, valid for a day, with the `openssl` command."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    names = f"subjectAltName=DNS:{name},IP:127.0.0.1"
    command = f"openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN={name} -addext {names}".split()
    subprocess.run([*command, "-keyout", key, "-out", certificate], check=True, capture_output=True, timeout=60)
    return certificate, key
