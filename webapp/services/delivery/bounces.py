"""Delivery reports of mail servers: each is an attempt's receipt, found by the mail's Message-ID."""

import re

import structlog
from sqlalchemy import literal_column, select

from webapp.channels.bounce import Fate, Report, Sort
from webapp.channels.email import ascii_domain
from webapp.database import reading, writing
from webapp.extensions import db
from webapp.models import Action, Attempt, AttemptOutcome, Message
from webapp.services import audit
from webapp.services.delivery import receipts, returned_mail
from webapp.services.guests import opt_outs

SHORTEST_MARK = 8
# A mail that was refused while we spoke to the server never came back from anywhere.
MAY_HAVE_GONE = (AttemptOutcome.ACCEPTED, AttemptOutcome.UNKNOWN, None)
NOTHING = {
    Sort.AUTO_REPLY: "It is an automatic reply: an absence, or a question back, and no delivery report.",
    Sort.LETTER: "It is a mail, but no delivery report.",
    Sort.NO_SPAM: "It says that a mail is no spam, or how it was signed.",
}
LOST = "It is taken: the mail did not arrive."
KEPT = "It is kept: it is about a mail of ours, and could not be read. An admin finds it under Returned mail."
_REF = re.compile(rb"(?i)(?:X-Bellhop-Ref|Message-ID)[ \t]*:[\s>|]{0,99}<?([^\s<>]{3,198})")
log = structlog.get_logger(__name__)


def take(report: Report, raw: bytes) -> str:
    """Store a delivery report and move its message if it is news. Returns a sentence for the caller.

    A report that names no mail of ours, or none to that address, changes nothing: anybody can write one. One that names
    a mail of ours and cannot be read is kept for an admin.
    """
    if report.sort in NOTHING:
        return f"Nothing was changed. {NOTHING[report.sort]}"
    with reading():
        message = _message(report)
        fates = [fate for fate in report.fates if message and _is_about(fate, message, report)]
        attempt = _attempt(message, report.attempt) if message else None
        token, provider_id = (attempt.token, attempt.provider_id or "") if attempt else ("", "")
    if message is None:
        return _unknown("It names no mail that was sent from here.")
    if report.sort is Sort.UNREAD:
        returned_mail.keep(raw, message_id=message.id)
        return KEPT
    if not fates:
        return _unknown("It is about another address than the mail was sent to.")
    if not token:
        return _unknown("That mail was not taken by our mail server.")
    return _complained(message, report.why) if report.sort is Sort.COMPLAINT else _moved(token, provider_id, fates)


def _moved(token: str, provider_id: str, fates: list[Fate]) -> str:
    moved = [
        receipts.receive(token, provider_id=provider_id, status=fate.status, code=fate.code, source="bounce")
        for fate in fates
    ]
    return LOST if any(moved) else "It is kept, and changes nothing."


def _is_about(fate: Fate, message: Message, report: Report) -> bool:
    """Whether a fate is about the message's address; one without an address must bring our own mark back."""
    return bool(fate.addresses & _addresses(message)) or (not fate.addresses and report.is_marked)


def _complained(message: Message, why: str) -> str:
    """Write no more mail to somebody who marked ours as spam, or asked for no more of it."""
    with writing():
        if opt_outs.is_recorded(message.channel, message.to):
            return "It is taken before: that address gets no mail any more."
        source = "unsubscribed by mail" if why.startswith("opt-out") else "marked our mail as spam"
        opt_outs.record(message.channel, message.to, source)
        audit.record(
            Action.OPTED_OUT,
            by=audit.BELLHOP,
            booking_id=message.booking_id,
            message_id=message.id,
            channel=message.channel,
            why=source,
        )
    return "It is taken: that address gets no mail any more."


def _unknown(why: str) -> str:
    log.warning("A delivery report changed nothing.", why=why)
    return f"Nothing was changed. {why}"


def _message(report: Report) -> Message | None:
    # The index holds mails alone, and SQLite takes it only where the statement repeats that.
    mails = select(Message).where(Message.mail_id.in_(report.mail_ids), Message.mail_id != literal_column("''"))
    found = {message.mail_id: message for message in db.session.scalars(mails)}
    return next((found[mail_id] for mail_id in report.mail_ids if mail_id in found), None)


def _addresses(message: Message) -> set[str]:
    """Returns a message's address as servers may write it back."""
    return {message.to.lower(), ascii_domain(message.to).lower()}


def _attempt(message: Message, mark: str) -> Attempt | None:
    """Returns the attempt of a mail, by its mark; if a server left that out, the newest that it can be."""
    gone = [attempt for attempt in message.attempts if attempt.outcome in MAY_HAVE_GONE]
    if len(mark) >= SHORTEST_MARK:
        gone = [attempt for attempt in gone if attempt.token.startswith(mark)]
    return gone[-1] if gone else None


def rescue(raw: bytes) -> str:
    """Keep an unreadable mail if it names a mail of ours. Returns a sentence, empty if it names none."""
    named = tuple(f"<{found.decode('ascii', 'ignore')}>" for found in _REF.findall(raw)[:20])
    with reading():
        message = _message(Report(named, ""))
    if message is None:
        return ""
    returned_mail.keep(raw, message_id=message.id)
    return KEPT
