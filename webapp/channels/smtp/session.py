"""One SMTP conversation, stage by stage, so that Bellhop knows how far it got.

Flask-Mail's session has no timeout, verifies no certificate and keeps no reply. It also reports a mail as failed when
the server took it and hung up before QUIT.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from webapp.channels.deadline import Deadline, code_of
from webapp.settings import Settings

FINAL_PATIENCE = 45.0  # Seconds that a server may think after the final dot.
GOODBYE_PATIENCE = 1.0


class Refused(Exception):
    """The server answered a stage with a refusal."""

    def __init__(self, stage: str, reply: int, words: str) -> None:
        super().__init__(f"{reply} {words}")
        self.stage = stage
        self.reply = reply
        self.words = words


class Lost(Exception):
    """The connection broke, or could not be made; `code` is one of our own."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class _Plain(smtplib.SMTP):
    deadline: Deadline

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self.deadline.connect(host, port, timeout)


class _Tls(smtplib.SMTP_SSL, _Plain):
    """TLS from the first byte; its socket comes from `_Plain`, the next in line."""


class SmtpSession:
    """A conversation under a deadline; each stage raises `Refused` or `Lost`."""

    def __init__(self, settings: Settings, deadline: Deadline) -> None:
        self._settings = settings
        self._deadline = deadline
        timeout = settings.provider_timeout
        if settings.mail_use_ssl:
            self._smtp: _Plain = _Tls(local_hostname=greeting(settings), timeout=timeout, context=trust(settings))
        else:
            self._smtp = _Plain(local_hostname=greeting(settings), timeout=timeout)
        self._smtp.deadline = deadline

    def open(self) -> None:
        """Connect, greet, encrypt and log in as the settings say."""
        smtp, settings = self._smtp, self._settings
        with self._stage("connect"):
            # TLS checks the certificate against this name, which smtplib sets only in its constructor.
            smtp._host = settings.mail_server  # type: ignore[attr-defined]
            _expect("connect", smtp.connect(settings.mail_server, settings.mail_port), 220)
        with self._stage("hello"):
            smtp.ehlo_or_helo_if_needed()
        if settings.mail_use_tls and not settings.mail_use_ssl:
            with self._stage("starttls"):
                _expect("starttls", smtp.starttls(context=trust(settings)), 220)
                smtp.ehlo_or_helo_if_needed()
        if settings.mail_username:
            with self._stage("login"):
                smtp.login(settings.mail_username, settings.mail_password)

    def offers(self, extension: str) -> bool:
        """Whether the server's greeting named this extension."""
        return self._smtp.has_extn(extension)

    def address(self, sender: str, recipient: str, options: tuple[str, ...] = ()) -> None:
        """Name the two addresses."""
        with self._stage("sender"):
            _expect("sender", self._smtp.mail(sender, options), 250)
        with self._stage(""):
            _expect("", self._smtp.rcpt(recipient), 250, 251)

    def ask_for_body(self) -> None:
        """Ask the server to take the mail itself."""
        with self._stage("content"):
            _expect("content", self._smtp.docmd("DATA"), 354)

    def give_body(self, mail: bytes) -> None:
        """Send the mail and its final dot. If this raises, the dot did not go out, so nothing was taken."""
        with self._stage("content"):
            self._smtp.send(dotted(mail))

    def final_reply(self) -> str:
        """Returns the server's words once it has taken the mail. After `Lost` nobody knows whether it has."""
        with self._stage("content"):
            if self._smtp.sock:
                self._smtp.sock.settimeout(max(0.001, min(FINAL_PATIENCE, self._deadline.left)))
            try:
                reply = self._smtp.getreply()
            except smtplib.SMTPResponseException as error:
                # smtplib makes a refusal of a reply that it cannot read; this late it proves nothing.
                raise Lost("cut_early", str(error)) from error
            return _expect("content", reply, *range(200, 300))

    def leave(self) -> None:
        """Say goodbye. The answer changes nothing."""
        self._deadline.give(GOODBYE_PATIENCE)
        with suppress(OSError, ValueError):
            self._smtp.quit()
        self.drop()

    def drop(self) -> None:
        """Hang up without a word."""
        with suppress(OSError):
            self._smtp.close()

    @contextmanager
    def _stage(self, stage: str) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPResponseException as error:
            raise Refused(stage, error.smtp_code, _text(error.smtp_error)) from error
        except smtplib.SMTPServerDisconnected as error:
            # smtplib says the same of a server that hung up and of one that said nothing in time.
            early = "connect_timeout" if isinstance(error.__context__, TimeoutError) else "cut_early"
            raise Lost("deadline" if self._deadline.passed else early, str(error)) from error
        except smtplib.SMTPException as error:  # No login method in common, or an extension that the server lacks.
            raise Lost("not_supported", str(error)) from error
        except OSError as error:
            raise Lost("deadline" if self._deadline.passed else code_of(error), str(error)) from error
        except UnicodeError as error:
            raise Lost("bad_login" if stage == "login" else "bad_address", type(error).__name__) from error


def trust(settings: Settings) -> ssl.SSLContext:
    """Returns a context that trusts the system's authorities and those of MAIL_CA_FILE."""
    context = ssl.create_default_context()
    if settings.mail_ca_file:
        context.load_verify_locations(settings.mail_ca_file)
    return context


def greeting(settings: Settings) -> str:
    """Returns the name that we greet with: MAIL_HELO, else the machine's own."""
    return settings.mail_helo or own_name()


@cache
def own_name() -> str:
    """Returns this machine's name. It is looked up once: smtplib would ask the DNS for each mail."""
    name = socket.getfqdn()
    return name if "." in name and name.isascii() else "[127.0.0.1]"


def dotted(mail: bytes) -> bytes:
    """Returns a mail as SMTP carries it: lines end in CRLF, a leading dot is doubled, a lone dot ends the mail."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
    lines = re.sub(rb"(?m)^\.", b"..", lines)
    return lines + (b"" if lines.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _expect(stage: str, reply: tuple[int, bytes], *wanted: int) -> str:
    code, words = reply
    if code in wanted:
        return _text(words)
    if 400 <= code < 600:
        raise Refused(stage, code, _text(words))
    raise Lost("cut_early", f"The server's reply is not one of SMTP's: {code} {_text(words)}")


def _text(words: Any) -> str:
    return (words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words))[:500]
