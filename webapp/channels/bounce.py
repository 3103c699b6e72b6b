"""What a mail server reports of a mail that it took: a delivery status notification (RFC 3464), by its standard parts.

It comes as a mail, or as the parts of one. A mail that reports nothing (an auto-reply, a letter) is none; nothing in
one is believed beyond which mail, which address, and what became of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser, HeaderParser

from webapp.errors import Invalid

# A report has three parts, one of them a mail of ours, which has three; more is made to cost time.
MOST_PARTS, MOST_LINES = 40, 20_000
MOST_IDS = 20
OF_A_MAIL = ("Content-Type", "From", "Received", "Message-ID")  # One of these is in every mail.
REPORTS = ("message/delivery-status", "message/global-delivery-status")
RETURNED = ("message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers")
# Our words for what a server did. Only the first says that the guest does not have it: even one that has put the mail
# into a mailbox has not shown it to anybody.
WORDS = {
    "failed": "undelivered",
    "delayed": "delayed",
    "delivered": "in the mailbox",
    "relayed": "relayed",
    "expanded": "expanded",
}
GAVE_UP = "late"  # Before a code of the fourth class, with which a server ended its tries.

_ID = re.compile(r"<[^<>\s]{1,198}>")
_CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_ESCAPED = re.compile(r"\+([0-9A-F]{2})")  # RFC 3461's xtext.


@dataclass(frozen=True)
class Fate:
    """What became of the mail at one address."""

    addresses: frozenset[str]  # As it was given and as it was used, in lower case.
    status: str  # One of WORDS.
    code: str  # The enhanced status code (RFC 3463).


@dataclass(frozen=True)
class Report:
    """A report, read."""

    mail_ids: tuple[str, ...]  # The Message-IDs that it may be about, the surest first.
    attempt: str  # Our own mark on the mail: which hand-over it was.
    fates: tuple[Fate, ...]


def read(raw: bytes, content_type: str = "") -> Report | None:
    """Read a report; None where it is a mail that reports nothing. `content_type` is that of the bytes, if known.

    Raises:
        Invalid: it is no mail, or a report that says nothing of any address.
    """
    if raw.lower().count(b"content-type:") > MOST_PARTS or raw.count(b"\n") > MOST_LINES:
        raise Invalid("This mail has too many parts, or lines, for a delivery report.")
    try:
        mail = BytesParser().parsebytes(_as_mail(raw, content_type))
        return _read(mail)
    except (MessageError, RecursionError, LookupError, ValueError, TypeError, AttributeError) as unreadable:
        raise Invalid("This could not be read as a mail.") from unreadable


def _as_mail(raw: bytes, content_type: str) -> bytes:
    """Put the parts of a mail under a head of their own."""
    kind = content_type.partition(";")[0].strip().lower()
    is_part = kind == "multipart/report" or kind in REPORTS
    head = f"Content-Type: {' '.join(content_type.split())}\r\n\r\n".encode("ascii", "replace") if is_part else b""
    return head + raw.lstrip(b"\r\n")


def _read(mail: Message) -> Report | None:
    if not any(name in mail for name in OF_A_MAIL):
        raise Invalid("This is no mail: it has no headers. Send the whole mail as the body.")
    parts = list(mail.walk())
    blocks = [block for part in parts if part.get_content_type() in REPORTS for block in _blocks(part)]
    if not blocks:
        if mail.get_content_type() == "multipart/report":
            raise Invalid("This report has no part of the type message/delivery-status.")
        return None
    fates = tuple(fate for block in blocks if (fate := _fate(block)))
    if not fates:
        raise Invalid("This report says of no recipient what became of the mail (Final-Recipient, Action).")
    returned = [head for part in parts if part.get_content_type() in RETURNED if (head := _head(part)) is not None]
    return Report(_mail_ids(mail, blocks, returned), _first(returned, "X-Bellhop-Attempt"), fates)


def _blocks(part: Message) -> Iterator[Message]:
    """The groups of fields of a status part: one about the mail, then one for each recipient."""
    payload = part.get_payload()
    for block in payload if isinstance(payload, list) else ():
        if not isinstance(block, Message):
            continue
        yield block
        # Python reads all groups of the one type, and of the other the first.
        yield from (HeaderParser().parsestr(text) for text in re.split(r"\r?\n\r?\n", _decoded(block)) if text.strip())


def _fate(block: Message) -> Fate | None:
    """What one group says; None where it is not about a recipient."""
    action = _text(block, "Action").split(" ")[0].lower()
    addresses = {_address(_text(block, name)) for name in ("Final-Recipient", "Original-Recipient")} - {""}
    # The server's word is never taken for one of ours: they are not the same where they read the same.
    if action not in WORDS or not addresses:
        return None
    return Fate(frozenset(addresses), WORDS[action], _code(block, action))


def _code(block: Message, action: str) -> str:
    """The code of the group; where it says no more than its class, what the other server answered says more."""
    said = _CODE.search(_text(block, "Status"))
    code = said[0] if said else "5.0.0" if action == "failed" else ""
    answer = _CODE.search(_text(block, "Diagnostic-Code"))
    if answer and (not said or (code.endswith(".0.0") and answer[0][0] == code[0])):
        code = answer[0]
    return f"{GAVE_UP} {code}" if action == "failed" and code.startswith("4") else code


def _address(field: str) -> str:
    """The address of `rfc822; name@example.com`."""
    address = field.rpartition(";")[2].strip().strip("<>")
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), address).lower() if "@" in address else ""


def _head(part: Message) -> Message | None:
    """The head of a mail that came back: whole, or its headers as text."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload and isinstance(payload[0], Message) else None
    return HeaderParser().parsestr(_decoded(part).lstrip("\r\n"))


def _decoded(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _mail_ids(mail: Message, blocks: list[Message], returned: list[Message]) -> tuple[str, ...]:
    """Some relays write a Message-ID of their own, so our second trace comes first; what a reply names comes last."""
    ours = [f"<{ref}>" for head in returned if (ref := _text(head, "X-Bellhop-Ref"))]
    named = [_text(head, "Message-ID") for head in returned]
    named += [_text(block, "Original-Message-ID") for block in (*blocks, mail)]
    named += [_text(mail, "In-Reply-To"), _text(mail, "References")]
    found = [one for field in (*ours, *named) for one in _ID.findall(field)]
    return tuple(dict.fromkeys(found))[:MOST_IDS]


def _first(heads: list[Message], name: str) -> str:
    return next((text for head in heads if (text := _text(head, name))), "")


def _text(block: Message, name: str) -> str:
    """A field on one line, its letters as they are (RFC 6532), without what a database cannot hold."""
    found = next((str(value) for key, value in block.raw_items() if key.lower() == name.lower()), "")
    letters = found.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join(letters.replace("\x00", "").split())[:2000]
