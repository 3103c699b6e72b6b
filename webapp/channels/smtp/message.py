"""Builds the mail with Flask-Mail's `Message`: seven-bit lines, and headers that no text can add to."""

import re
from email import message_from_bytes, policy
from email.charset import QP, Charset
from email.mime.base import MIMEBase
from email.utils import formataddr, parseaddr
from typing import cast
from urllib.parse import urlsplit

from flask import Flask
from flask_mail import Mail, Message

from webapp.channels.base import Outgoing
from webapp.settings import Settings

MARK = 12  # Digits of a token's 32: enough to recognise it, too few to guess the rest.
LONGEST_SUBJECT = 900  # RFC 5322 ends a line at 998 bytes.

# Characters that end a line in a header. Signs that hold a script's direction or join its letters stay.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")

# Quoted-printable passes every server, and never has a line too long for one.
_TEXT = Charset("utf-8")
_TEXT.body_encoding = QP

# Flask-Mail reads two settings from the current app; this one spares a worker from needing the real one.
_app = Flask("mail")
Mail(_app)


class _Letter(Message):
    """Flask-Mail's message without the multipart/mixed that it puts around a single part."""

    def _message(self) -> MIMEBase:
        outer = super()._message()
        parts = cast("list[MIMEBase]", outer.get_payload()) if outer.is_multipart() else []
        if len(parts) != 1:
            return outer
        [inner] = parts
        for name, value in outer.items():
            if name.lower() not in ("content-type", "mime-version"):
                inner[name] = value
        inner.policy = outer.policy
        return inner


def sender_of(settings: Settings, business: str = "") -> tuple[str, str]:
    """Returns the sender's name and address: the setting, else the login, else a name at our public address."""
    name, address = parseaddr(one_line(settings.mail_default_sender))
    if "@" not in address:
        login, host = settings.mail_username, urlsplit(settings.public_url).hostname or "localhost"
        address = login if "@" in login else f"bellhop@{host}"
    return name or one_line(business or settings.business_name), address


def build(outgoing: Outgoing, sender: tuple[str, str], recipient: str) -> bytes:
    """Returns the whole mail. Each try carries the same Message-ID."""
    mail_id = one_line(outgoing.mail_id) or f"<bellhop-{outgoing.message_id}@{sender[1].rpartition('@')[2]}>"
    message = _Letter(
        subject=one_line(outgoing.subject)[:LONGEST_SUBJECT],
        sender=formataddr(sender),
        recipients=[recipient] if recipient.isascii() else [],
        body=outgoing.body,
        html=outgoing.html or None,
        charset=_TEXT,  # type: ignore[arg-type]
        extra_headers={
            "Auto-Submitted": "auto-generated",
            "X-Auto-Response-Suppress": "OOF, NRN, AutoReply, RN",
            # A second trace: some relays write a Message-ID of their own.
            "X-Bellhop-Ref": mail_id.strip("<>"),
            # Each try carries the same Message-ID: a bounce says by this which one came back.
            "X-Bellhop-Attempt": outgoing.token[:MARK],
        },
    )
    message.msgId = mail_id
    with _app.app_context():
        written = message.as_bytes()
    return written if recipient.isascii() else _address_in_utf8(written, recipient)


def one_line(text: str) -> str:
    """Returns a text on one line without control characters, so that it cannot begin another header."""
    return " ".join(_BREAKS.sub(" ", text).split())


def _address_in_utf8(written: bytes, recipient: str) -> bytes:
    # Flask-Mail can only write ASCII addresses; RFC 6532 allows UTF-8 in the header where the server offers it.
    mail = message_from_bytes(written, policy=policy.SMTPUTF8)
    del mail["To"]
    mail["To"] = recipient
    return mail.as_bytes()
