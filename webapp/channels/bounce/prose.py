"""Reads mails without fields: returned mails of servers that follow no standard, and automatic replies."""

import re
from dataclasses import replace
from email.message import Message

from webapp.channels.bounce import texts
from webapp.channels.bounce.fields import ADDRESS, CODE, code_in, text_of
from webapp.channels.bounce.report import GAVE_UP, Fate, Report, Sort
from webapp.channels.smtp import codes as smtp_codes

MOST_ADDRESSES = 30
NEAR = 800  # The reason is searched first in so many letters after the address.
_QMAIL = re.compile(r"this is the qmail-send program|i.m afraid i wasn.t able to deliver", re.IGNORECASE)
_TO = re.compile(r"^[ \t>|]{0,99}To[ \t]*:(.{0,500})", re.IGNORECASE | re.MULTILINE)
_REPLIES = re.compile(r"^\s*(re|aw|fw|fwd|wg|sv|antw|tr)\s*:", re.IGNORECASE)


def report(about: Report, mail: Message, text: str, returned: tuple[Message, ...]) -> Report:
    """Returns what a mail without readable fields says."""
    subject, failed = text_of(mail, "Subject"), text_of(mail, "X-Failed-Recipients")
    by_server = bool(failed or texts.SENDER.search(text_of(mail, "From")) or _QMAIL.search(text[:3000]))
    # A guest's answer may quote our words "payment rejected", so a subject alone is not enough.
    by_subject = bool(texts.SUBJECT.search(subject)) and not _REPLIES.match(subject) and _is_from_nobody(mail)
    if not by_server and _is_automatic(mail, subject, text):
        return replace(about, sort=Sort.AUTO_REPLY)
    if not (by_server or by_subject or (about.is_marked and _is_a_programs(mail, subject, text, returned))):
        is_report = mail.get_content_type() == "multipart/report" or about.is_marked
        return replace(about, sort=Sort.UNREAD if is_report else Sort.LETTER)
    fate = _fate(subject, failed, _before_quote(text), returned)
    return replace(about, fates=(fate,)) if fate else replace(about, sort=Sort.UNREAD)


def _is_from_nobody(mail: Message) -> bool:
    """Returns whether the mail has no sender to answer; returned mails have none."""
    return text_of(mail, "Return-Path") in ("<>", "") or text_of(mail, "Auto-Submitted").lower() == "auto-generated"


def _is_a_programs(mail: Message, subject: str, text: str, returned: tuple[Message, ...]) -> bool:
    """Returns whether an unknown program, and not the guest, says that our mail failed."""
    written = " ".join([*(text_of(head, "To") for head in returned), *_TO.findall(text)]).lower()
    is_guests = any(one.lower() in written for one in ADDRESS.findall(text_of(mail, "From")))
    return bool(not is_guests and not _REPLIES.match(subject) and texts.FAILURE.search(_before_quote(text)))


def _is_automatic(mail: Message, subject: str, text: str) -> bool:
    said = text_of(mail, "Auto-Submitted").lower()
    marks = ("X-Autoreply", "X-Autorespond", "X-Auto-Response", "X-Autoresponder", "X-Vacation")
    return (
        said.startswith("auto-replied")
        or (said.startswith("auto-") and not texts.SUBJECT.search(subject))
        or any(name in mail for name in marks)
        or text_of(mail, "Precedence").lower() in ("auto_reply", "auto-reply")
        or str(mail.get_param("report-type", "")).lower() == "disposition-notification"
        or bool(texts.VACATION.search(subject) or texts.CHALLENGE.search(f"{subject} {text[:2000]}"))
    )


def _before_quote(text: str) -> str:
    """Returns the server's own words, without the mail that it quotes below them."""
    found = texts.QUOTED.search(text)
    before = text[: found.start()] if found else text
    return before if before.strip() else text


def _fate(subject: str, failed: str, text: str, returned: tuple[Message, ...]) -> Fate | None:
    """Returns what the words say; None if they say neither that the mail failed nor that it is late."""
    said = f"{subject}\n{text}"
    is_late = texts.DELAY.search(said) and not texts.GIVEN_UP.search(said)
    if not (failed or is_late or texts.FAILURE.search(said) or CODE.search(text)):
        return None
    found = ADDRESS.findall(failed) + ADDRESS.findall(text)
    if not found:
        found = [one for head in returned for one in ADDRESS.findall(text_of(head, "To"))]
    addresses = frozenset(one.lower() for one in found[:MOST_ADDRESSES])
    code = _code(text, found)
    if is_late:
        return Fate(addresses, "delayed", code if code.startswith("4") else "")
    fault = smtp_codes.returned_code(code, text[:2000])
    return Fate(addresses, "undelivered", f"{GAVE_UP} {fault}" if fault.startswith("4") else fault)


def _code(text: str, addresses: list[str]) -> str:
    """Returns the reason as a code: a named one, else one that the words mean, else one that a reply code means."""
    at = next((place for one in addresses if (place := text.find(one)) >= 0), 0)
    for said in (text[at : at + NEAR], text):
        if found := CODE.search(said):
            return found[0]
    for said in (text[at : at + NEAR], text):  # Some name the reason before the address.
        if by_words := texts.code_of(" ".join(ADDRESS.sub(" ", said).split())):
            return by_words
    return code_in(text) or "5.0.0"
