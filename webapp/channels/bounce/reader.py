"""Reads a mail that came back: what it is, which mail it is about, and what it says."""

import base64
import re
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser, HeaderParser

from webapp.channels.bounce import prose, standard
from webapp.channels.bounce.fields import body_of, text_of
from webapp.channels.bounce.report import Report
from webapp.errors import Invalid

# A report has three parts, and our mail inside it three. A mail with many more only wants to cost time.
MOST_PARTS, MOST_LINES = 40, 20_000
MOST_IDS = 20
LONGEST_TEXT = 60_000
OF_A_MAIL = ("Content-Type", "From", "Received", "Message-ID", "Subject", "Return-Path")  # One of these is in a mail.
WHOLE = ("message/rfc822", "message/global")
HEADS = ("text/rfc822-headers", "text/x-global-headers")

_ID = re.compile(r"<[^<>\s]{1,198}>")
# Python's parser splits a report by rules that servers do not keep, so its groups are read as text.
_AS_TEXT = re.compile(
    rb"(?i)^([ \t>]*content-type[ \t]*:\s*)message/((?:global-)?delivery-status|feedback-report|global-headers|"
    rb"disposition-notification)",
    re.MULTILINE,
)
# A field may be folded, and the whole be quoted with > or |.
_MARK = re.compile(r"^[ \t>|]{0,99}X-Bellhop-Ref[ \t]*:[\s>|]{0,99}<?([^\s<>]{3,198})", re.IGNORECASE | re.MULTILINE)
_ATTEMPT = re.compile(
    r"^[ \t>|]{0,99}X-Bellhop-Attempt[ \t]*:[\s>|]{0,99}([0-9a-f]{8,32})\b", re.IGNORECASE | re.MULTILINE
)
_MAIL_ID = re.compile(
    r"^[ \t>|]{0,99}(?:Original-)?Message-ID[ \t]*:[\s>|]{0,99}(<[^<>\s]{1,198}>)", re.IGNORECASE | re.MULTILINE
)
_TAGS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h\d)[^<>]{0,200}>|<[^<>]{0,400}>", re.IGNORECASE)
_STATUS = ("multipart/report", "message/delivery-status", "message/global-delivery-status")


@dataclass(frozen=True)
class Parts:
    """The parts of a mail by their purpose."""

    status: str  # The text of the status parts.
    feedback: str
    text: str  # What a person would read.
    returned: tuple[Message, ...]  # The heads of the mail that came back.
    every_text: str


def read(raw: bytes, content_type: str = "") -> Report:
    """Returns what a mail reports; its `sort` says what it is. `content_type` is that of the bytes, if known.

    Raises:
        Invalid: it is no mail.
    """
    if raw.lower().count(b"content-type:") > MOST_PARTS or raw.count(b"\n") + raw.count(b"\r") > 2 * MOST_LINES:
        raise Invalid("This mail has too many parts, or lines, for a delivery report.")
    try:
        return _read(BytesParser().parsebytes(_as_mail(raw, content_type)))
    except (MessageError, RecursionError, LookupError, ValueError, TypeError, AttributeError) as error:
        raise Invalid("This could not be read as a mail.") from error


def _as_mail(raw: bytes, content_type: str) -> bytes:
    """Returns the bytes with one kind of line ends; a bare part gets a head of its own."""
    kind = content_type.partition(";")[0].strip().lower()
    head = f"Content-Type: {' '.join(content_type.split())}\n\n".encode("ascii", "replace") if kind in _STATUS else b""
    lines = re.sub(rb"\r+\n|\r", b"\n", raw).lstrip(b"\n")
    if lines.startswith((b"From ", b">From ")):
        lines = lines.partition(b"\n")[2]  # A mailbox's own line.
    return _AS_TEXT.sub(rb"\1text/x-\2", head + lines)


def _read(mail: Message) -> Report:
    if not any(name in mail for name in OF_A_MAIL):
        raise Invalid("This is no mail: it has no headers. Send the whole mail as the body.")
    parts = _parts(mail)
    mail_ids, is_marked = _mail_ids(mail, parts)
    found = _ATTEMPT.search(parts.every_text)
    attempt = next((text for head in parts.returned if (text := text_of(head, "X-Bellhop-Attempt"))), "")
    about = Report(mail_ids, attempt or (found[1] if found else ""), is_marked=is_marked)
    return (
        standard.complaint(about, mail, parts.feedback, parts.text, parts.returned)
        or standard.report(about, parts.status, parts.text)
        or prose.report(about, mail, parts.text, parts.returned)
    )


def _parts(mail: Message) -> Parts:
    status: list[str] = []
    feedback: list[str] = []
    plain: list[str] = []
    html: list[str] = []
    returned: list[Message] = []
    inner: set[int] = set()
    for part in mail.walk():
        kind = part.get_content_type()
        if kind in WHOLE:
            head = _returned(part)
            returned += [head] if head is not None else []
            inner |= {id(one) for one in part.walk()} - {id(part)}
        elif kind in HEADS:
            returned.append(HeaderParser().parsestr(body_of(part).lstrip("\n")))
        elif not part.is_multipart() and (kind.startswith("text/") or _is_small(part)):
            text = body_of(part)[:LONGEST_TEXT]
            if kind == "text/x-feedback-report":
                feedback.append(text)
            elif kind.endswith("delivery-status"):
                status.append(text)
            elif id(part) not in inner:
                (html if kind == "text/html" else plain).append(text)
    text = "\n".join(plain) or _TAGS.sub("\n", "\n".join(html)).replace("&lt;", "<").replace("&gt;", ">")
    text = text.replace("&#64;", "@").replace("&nbsp;", " ")
    return Parts("\n\n".join(status), "\n".join(feedback), text, tuple(returned), "\n".join([*plain, *html, *status]))


def _is_small(part: Message) -> bool:
    """Returns whether a part may be a report of a server that gives it a type of its own; a picture is not."""
    return part.get_content_maintype() == "application" and len(str(part.get_payload())) < LONGEST_TEXT


def _returned(part: Message) -> Message | None:
    """Returns the head of a mail that came back; the mail may be encoded as a whole."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    if not isinstance(inner, Message):
        return HeaderParser().parsestr(body_of(part).lstrip("\n"))
    if not inner.keys() and str(part.get("Content-Transfer-Encoding", "")).strip().lower() == "base64":
        text = base64.b64decode(str(inner.get_payload()), validate=False).decode("utf-8", "replace")
        return HeaderParser().parsestr(text.replace("\r\n", "\n").lstrip("\n"))
    if not inner.keys():  # An empty line before its head, or all of it quoted.
        text = str(inner.get_payload()).lstrip("\n")[:LONGEST_TEXT]
        return HeaderParser().parsestr(re.sub(r"(?m)^[>|] ?", "", text) if text.startswith((">", "|")) else text)
    return inner


def _mail_ids(mail: Message, parts: Parts) -> tuple[tuple[str, ...], bool]:
    """Returns the Message-IDs, ours first, since some relays write one of their own; and whether our mark is there."""
    marks = [ref.strip("<>") for head in parts.returned if (ref := text_of(head, "X-Bellhop-Ref"))]
    marks += _MARK.findall(parts.every_text)
    named = [text_of(head, "Message-ID") for head in parts.returned]
    named += _MAIL_ID.findall(parts.every_text)
    named += [text_of(mail, name) for name in ("X-Original-Message-ID", "In-Reply-To", "References")]
    found = [one for field in (*(f"<{mark}>" for mark in marks), *named) for one in _ID.findall(field)]
    return tuple(dict.fromkeys(found))[:MOST_IDS], bool(marks)
