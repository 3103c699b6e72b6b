"""What mail servers report of mails that they took: an attempt's receipt, found by the mail's own Message-ID."""

import structlog
from sqlalchemy import literal_column, select

from webapp.channels.bounce import Report
from webapp.channels.email import ascii_domain
from webapp.database import reading
from webapp.extensions import db
from webapp.models import Attempt, AttemptOutcome, Message
from webapp.services import receipts

SHORTEST_MARK = 8
# A mail that was refused while we spoke to the server never came back from anywhere.
MAY_HAVE_GONE = (AttemptOutcome.ACCEPTED, AttemptOutcome.UNKNOWN, None)
log = structlog.get_logger(__name__)


def take(report: Report) -> str:
    """Keep what a report says of a mail of ours, and move its message where it says something new; in a sentence.

    A report that names no mail of ours, or none to that address, changes nothing: anybody can write one.
    """
    with reading():
        message = _message(report)
        fates = [fate for fate in report.fates if message and fate.addresses & _addresses(message)]
        attempt = _attempt(message, report.attempt) if message else None
        token, provider_id = (attempt.token, attempt.provider_id or "") if attempt else ("", "")
    if message is None:
        return _unknown("It names no mail that was sent from here.")
    if not fates:
        return _unknown("It is about another address than the mail was sent to.")
    if not token:
        return _unknown("That mail was not taken by our mail server.")
    moved = [
        receipts.receive(token, provider_id=provider_id, status=fate.status, code=fate.code, source="bounce")
        for fate in fates
    ]
    return "It is taken: the mail did not arrive." if any(moved) else "It is kept, and changes nothing."


def _unknown(why: str) -> str:
    log.warning("A delivery report changed nothing.", why=why)
    return f"Nothing was changed. {why}"


def _message(report: Report) -> Message | None:
    # The index holds mails alone, and SQLite takes it only where the statement repeats that.
    mails = select(Message).where(Message.mail_id.in_(report.mail_ids), Message.mail_id != literal_column("''"))
    found = {message.mail_id: message for message in db.session.scalars(mails)}
    return next((found[mail_id] for mail_id in report.mail_ids if mail_id in found), None)


def _addresses(message: Message) -> set[str]:
    """A message's address as servers may write it back."""
    return {message.to.lower(), ascii_domain(message.to).lower()}


def _attempt(message: Message, mark: str) -> Attempt | None:
    """The hand-over that the mail was of, by its mark; where a server left that out, the newest that it can be."""
    gone = [attempt for attempt in message.attempts if attempt.outcome in MAY_HAVE_GONE]
    if len(mark) >= SHORTEST_MARK:
        gone = [attempt for attempt in gone if attempt.token.startswith(mark)]
    return gone[-1] if gone else None
