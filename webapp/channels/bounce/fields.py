"""Reads fields as servers write them, which is not always as RFC 3464 wants them."""

import re
from contextlib import suppress
from email.header import decode_header, make_header
from email.message import Message

# RFC 3461's xtext, for the two letters that it must escape in an address: anna+20@ is an address of its own.
_ESCAPED = re.compile(r"\+(2B|3D)")
_UTF8 = re.compile(r"\\x\{([0-9A-Fa-f]{1,6})\}")  # RFC 6533's.
_NAME = re.compile(r"[ \t]*([A-Za-z][A-Za-z0-9-]{1,60})[ \t]*:(.*)")
# In words. Signs around an address, as in 'a@b.example' or to=a@b.example, are not part of it.
ADDRESS = re.compile(r"[^\s<>\"'(),:;=*|\[\]\\][^\s<>\"(),:;=|\[\]\\]{0,63}@[\w.-]{1,250}\w")
_IN_FIELD = re.compile(r'("(?:[^"\\]|\\.){1,62}"|[^\s<>"(),:;@]{1,64})@[^\s<>"(),:;@]{1,255}')
_TYPE = re.compile(r'^[^;@"<]*;|^\s*(?:rfc[-/]?822|utf-?8|smtp)\s*[/:\s]', re.IGNORECASE)
CODE = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
REPLY = re.compile(r"(?<![\d.#-])([45])([0-5]\d)(?=[ -]|$)")

Fields = dict[str, str]
KNOWN = ("final-recipient", "original-recipient", "action", "status", "diagnostic-code", "reporting-mta", "remote-mta",
         "original-message-id", "last-attempt-date", "arrival-date", "x-actual-recipient", "original-envelope-id",
         "will-retry-until", "final-log-id", "received-from-mta", "dsn-gateway", "x-original-message-id",
         "feedback-type", "user-agent", "version", "original-mail-from", "original-rcpt-to", "source-ip",
         "removal-recipient", "reported-domain", "received-date", "incidents", "localized-recipient")  # fmt: skip


def groups(text: str) -> list[Fields]:
    """Returns the groups of fields in a text: one about the mail, then one for each recipient.

    A line that begins no known field continues the line before. A field that comes again begins another group.
    """
    found: list[Fields] = []
    now: Fields = {}
    last = ""
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        name = _NAME.fullmatch(line.lstrip(">"))
        key = name[1].lower() if name else ""
        if name and (key in KNOWN or (key.startswith("x-") and not line[:1].isspace())):
            if key in now and key in ("final-recipient", "action", "original-recipient", "status"):
                found.append(now)
                now = {}
            last, now[key] = key, name[2].strip()
        elif not line.strip():
            last = ""
            if now.keys() & {"final-recipient", "original-recipient"} and "action" in now:
                found.append(now)
                now = {}
        elif last:
            now[last] = f"{now[last]} {line.strip()}"[:2000]
    return [*found, now] if now else found


def address(field: str) -> str:
    """Returns the address of `rfc822; name@example.com` in lower case; the type may be misspelt or missing."""
    found = _IN_FIELD.search(_UTF8.sub(lambda hexed: chr(min(int(hexed[1], 16), 0x10FFFF)), _TYPE.sub("", field)))
    plain = found[0].strip("'").rstrip(".") if found else ""
    return _ESCAPED.sub(lambda hexed: chr(int(hexed[1], 16)), plain).lower()


def code_in(text: str) -> str:
    """Returns the enhanced code in a server's words, else one that its reply code stands for; else nothing."""
    if found := CODE.search(text):
        return found[0]
    reply = REPLY.search(text)
    return {"550": "5.1.1", "552": "5.2.2", "551": "5.1.6"}.get(reply[0], f"{reply[1]}.0.0") if reply else ""


def text_of(block: Message, name: str) -> str:
    """Returns a header on one line, decoded (RFC 6532), without letters that a database cannot hold."""
    found = next((str(value) for key, value in block.raw_items() if key.strip().lower() == name.lower()), "")
    letters = found.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if "=?" in letters:
        with suppress(LookupError, ValueError):  # A charset that nobody knows.
            letters = str(make_header(decode_header(letters)))
    return " ".join(letters.replace("\x00", "").split())[:2000]


def body_of(part: Message) -> str:
    """Returns the text of a part, in its own charset, else in UTF-8, else in Latin-1."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    text = ""
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "latin-1"):
        with suppress(LookupError, ValueError):
            text = payload.decode(charset)
            break
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
