"""Mails to staff go straight over SMTP: the guests' queue may be the very thing that such a mail reports.

Nothing is stored and nothing is tried again. The caller decides what a mail that did not go out means.
"""

import secrets
from collections.abc import Iterator, Sequence

import structlog

from webapp import clock
from webapp.channels.base import Accepted, Outcome, Outgoing, Scope, Temporary
from webapp.channels.email import EmailChannel
from webapp.channels.reasons import explain
from webapp.channels.smtp.message import sender_of
from webapp.models.names import ChannelName
from webapp.settings import Settings, current

log = structlog.get_logger(__name__)
_NOT_SENT = {
    "off": "No mail was sent: e-mail is switched off here (EMAIL_PROVIDER and MAIL_SERVER say so).",
    "sandbox": "No mail was sent: e-mail is only simulated here (EMAIL_PROVIDER=sandbox), and that is for guests.",
}


def send(to: Sequence[str], subject: str, text: str, html: str = "") -> str:
    """Send a mail to each of these people, all within MAIL_DEADLINE. Never raises.

    Returns who did not get it and why, in sentences; empty if all did. Call it without an open transaction.
    """
    try:
        settings = current()
        if not settings.reaches_people(ChannelName.EMAIL):
            return _NOT_SENT[provider()]
        return " ".join(_hand_over(settings, list(dict.fromkeys(to)), subject, text, html))
    except Exception:
        log.exception("A mail to staff met a bug of ours.")
        return "No mail was sent, by a fault of Bellhop itself: its log says more."


def provider() -> str:
    """Who carries mails to staff: smtp, sandbox or off."""
    return current().provider(ChannelName.EMAIL)


def deliver(settings: Settings, to: str, subject: str, text: str, html: str = "", *, seconds: float) -> Outcome:
    """Hand one mail to one person within `seconds`. Returns the outcome."""
    channel = EmailChannel(settings)
    channel.deadline = seconds
    token = secrets.token_hex(16)
    mail_id = f"<staff-{token}@{sender_of(settings)[1].rpartition('@')[2]}>"
    mail = Outgoing(
        message_id=0, channel=channel.name, event="staff", token=token, to=to, reference="", subject=subject, body=text,
        html=html, mail_id=mail_id, started_at=clock.now(),
    )  # fmt: skip
    return channel.send(mail, lambda: None)


def why(outcome: Outcome) -> str:
    """Returns why a mail did not go out. The table of codes speaks of guests; this person is one of us."""
    if isinstance(outcome, Accepted):
        return ""
    words = explain(ChannelName.EMAIL, outcome.code).sentence
    words = words.replace("The guest's", "The").replace("The provider", "The mail server")
    return f"{words} ({outcome.detail})" if outcome.detail and outcome.detail != words else words


def _hand_over(settings: Settings, to: Sequence[str], subject: str, text: str, html: str) -> Iterator[str]:
    """Hand over one mail for each person. Yields a sentence for each mail that was not taken."""
    ends = clock.monotonic() + settings.mail_deadline
    for number, address in enumerate(to):
        left = ends - clock.monotonic()
        if left <= 0:
            yield f"There was no time left for {', '.join(to[number:])}."
            return
        outcome = deliver(settings, address, subject, text, html, seconds=left)
        if isinstance(outcome, Accepted):
            continue
        yield f"{address}: {why(outcome)}"
        if isinstance(outcome, Temporary) and outcome.scope is Scope.CHANNEL and to[number + 1 :]:
            yield f"Not tried, since it would fare the same: {', '.join(to[number + 1 :])}."
            return
