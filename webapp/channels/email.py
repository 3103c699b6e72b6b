"""E-mail over SMTP. SMTP never says that a mail was delivered: an e-mail ends as taken by the server."""

from collections.abc import Callable

import idna

from webapp.channels.base import Accepted, Channel, Outcome, Outgoing, Permanent, Unknown
from webapp.channels.deadline import Deadline
from webapp.channels.reasons import OURS, as_outcome, explain
from webapp.channels.smtp.codes import code_of
from webapp.channels.smtp.message import build, sender_of
from webapp.channels.smtp.session import FINAL_PATIENCE, Lost, Refused, SmtpSession
from webapp.models.names import ChannelName
from webapp.settings import Settings


class EmailChannel(Channel):
    """Opens one connection for each mail. SMTP has no list in which a mail could be looked up."""

    name = ChannelName.EMAIL
    provider = "smtp"

    def __init__(self, settings: Settings) -> None:
        self.deadline = settings.mail_deadline
        self._settings = settings

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Hand the mail over. Its outcome is unknown only if the reply to the final dot is lost."""
        recipient = ascii_domain(outgoing.to)
        if not recipient:
            return _own("bad_address")
        sender = sender_of(self._settings, outgoing.business)
        mail = build(outgoing, sender, recipient)
        # The server may use this time after the final dot.
        kept_back = min(FINAL_PATIENCE, 0.6 * self.deadline)
        with Deadline(self.deadline - kept_back) as deadline:
            session = SmtpSession(self._settings, deadline)
            try:
                session.open()
                if not recipient.isascii() and not session.offers("smtputf8"):
                    session.leave()
                    return _own("no_smtputf8")
                utf8 = () if recipient.isascii() else ("SMTPUTF8", "BODY=8BITMIME")
                session.address(sender[1], recipient, utf8)
                session.ask_for_body()
                return self._give(session, deadline, mail, kept_back, before_body)
            except Refused as error:
                session.leave()
                code = code_of(error.stage, error.reply, error.words)
                return as_outcome(explain(self.name, code), code, str(error))
            except Lost as error:
                return as_outcome(OURS[error.code], error.code, error.detail)
            finally:
                session.drop()

    def _give(
        self, session: SmtpSession, deadline: Deadline, mail: bytes, patience: float, before_body: Callable[[], None]
    ) -> Outcome:
        before_body()
        if not deadline.left:  # The process froze: time for the reply must not revive a deadline that passed.
            return as_outcome(OURS["deadline"], "deadline")
        deadline.give(deadline.left + patience)
        try:
            session.give_body(mail)
        except Lost as error:
            return as_outcome(OURS["cut_in_body"], "cut_in_body", error.detail)
        try:
            words = session.final_reply()
        except Lost as error:
            return Unknown(f"The mail went out, and the server did not confirm it: {error.detail}", "mail_interrupted")
        session.leave()
        return Accepted(words[:200], words)

    def check_credentials(self) -> str:
        """Connect, encrypt, log in and leave, as for a mail."""
        with Deadline(self._settings.handover_deadline) as deadline:
            session = SmtpSession(self._settings, deadline)
            try:
                session.open()
                session.leave()
            except Refused as error:
                return f"{explain(self.name, code_of(error.stage, error.reply, error.words)).text} ({error})"
            except Lost as error:
                return f"{OURS[error.code].text} ({error.detail})"
            finally:
                session.drop()
        return ""


def ascii_domain(address: str) -> str:
    """Returns the address with its domain as DNS knows it; empty if it cannot be an address."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain) or any(
        char.isspace() or not char.isprintable() or char in "<>" for char in address
    ):
        return ""
    try:
        return f"{local}@{domain if domain.isascii() else idna.encode(domain, uts46=True).decode()}"
    except idna.IDNAError:
        return ""


def _own(code: str) -> Outcome:
    return Permanent(code, OURS[code].sentence, OURS[code].scope)
