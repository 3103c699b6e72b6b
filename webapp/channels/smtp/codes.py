"""What a mail server's replies mean, by the stage at which they come.

A code is stored as people know it: "550 5.1.1". If it is not about the guest's address, its stage stands before it:
"connect 554", "login 535 5.7.8". If the fault is ours (`faults`), the fault stands there: "quota 550 5.4.5". A reason
is searched under the enhanced code (RFC 3463), then the reply code, then its class, so every reply has one.
"""

import re

from webapp.channels.base import Kind, Reason, Scope
from webapp.channels.smtp import faults as smtp_faults
from webapp.i18n import gettext

_AGAIN = "Nothing to do: it is tried again by itself."
_CHECK = "Check the address with the guest, correct it on the booking and resend."
_OTHER = "Use another channel, or ask the guest for another address."
_ADMIN = "An admin should check the mail settings; mails wait until then."
_ACCOUNT = "An admin should look at the account with the mail server's provider; mails wait until then."
_WRITER = "An admin should look at the text and at the sender's domain (SPF, DKIM, DMARC)."


def _guest(text: str, helps: str, kind: Kind = Kind.PERMANENT) -> Reason:
    return Reason(kind, Scope.RECIPIENT, text, helps)


def _server(text: str, kind: Kind = Kind.TEMPORARY, helps: str = _AGAIN) -> Reason:
    return Reason(kind, Scope.CHANNEL, text, helps)


def _ours(text: str, helps: str = _ADMIN) -> Reason:
    return Reason(Kind.MISCONFIGURED, Scope.CHANNEL, text, helps)


def _limit(text: str, wait: float) -> Reason:
    # The mail is not at fault: it waits, and uses no try.
    helps = "Nothing to do: mails wait, and are tried again."
    return Reason(Kind.TEMPORARY, Scope.CHANNEL, text, helps, wait=wait, uses_try=False)


def _content(text: str, helps: str = _WRITER) -> Reason:
    return Reason(Kind.PERMANENT, Scope.TEMPLATE, text, helps)


_ROWS: dict[str, Reason] = {
    # The mail server itself, before a mail is named.
    "connect 4xx": _server("The mail server takes no connections at present; nothing was sent."),
    "connect 5xx": _server("The mail server turns us away; nothing was sent.",
        helps="An admin should ask the mail server's owner why if it goes on."),
    "hello 4xx": _server("The mail server was not ready; nothing was sent."),
    "hello 5xx": _server("The mail server does not accept our greeting; nothing was sent."),
    "starttls 4xx": _server("The mail server could not start encryption; nothing was sent."),
    "starttls 5xx": _ours("The mail server refuses encryption; nothing was sent."),
    "login 4xx": _server("The mail server could not check our login just now; nothing was sent."),
    "login 5xx": _ours("The mail server does not accept our login.",
        "An admin should check MAIL_USERNAME and MAIL_PASSWORD; mails wait until then."),
    # Our sender address.
    "sender 4xx": _server("The mail server is busy; nothing was sent."),
    "sender 432": _server("The mail server has too many connections of ours; nothing was sent."),
    "sender 452": _server("The mail server is out of space; nothing was sent."),
    "sender 552|content 552": _content("The mail is too large for the mail server.",
        "An admin should shorten the text."),
    "sender 5xx": _ours("The mail server does not let us send from our address.",
        "An admin should check MAIL_DEFAULT_SENDER and the login; mails wait until then."),
    # The guest's address.
    "421": _server("The mail server is going out of service for a moment; nothing was sent."),
    "4.2.1": _guest("The guest's mailbox is busy or switched off for now.", _AGAIN, Kind.TEMPORARY),
    "4.2.2": _guest("The guest's mailbox is full for now.", _AGAIN, Kind.TEMPORARY),
    "4.7.1|451": _guest("The guest's mail server asks us to come back in some minutes.", _AGAIN, Kind.TEMPORARY),
    "450": _guest("The guest's mailbox is busy, or its server asks us to come back in some minutes.",
        _AGAIN, Kind.TEMPORARY),
    "452": _guest("The guest's mail server is out of space for now.", _AGAIN, Kind.TEMPORARY),
    "4xx": _guest("The guest's mail server cannot take it just now.", _AGAIN, Kind.TEMPORARY),
    "5.1.1": _guest("There is no such mailbox.", _CHECK),
    "5.1.2|5.4.4": _guest("There is no mail server for this address.", _CHECK),
    "5.1.3": _guest("This is not an e-mail address that can exist.", _CHECK),
    "5.1.6|551": _guest("The guest's mailbox has moved.", _CHECK),
    "5.1.10": _guest("This domain takes no mail at all.", _CHECK),
    "5.2.1": _guest("The guest's mailbox is switched off.", _OTHER),
    "5.2.2|552": _guest("The guest's mailbox is full.", _OTHER),
    "5.2.3": _guest("The mail is larger than the guest's mailbox allows.", "An admin should shorten the text."),
    "5.4.1": _guest("The guest's mail server does not accept this address.", _CHECK),
    "5.7.1": _guest("The guest's mail server does not take mail from us for this address.", _OTHER),
    # Codes of mails that were taken and came back (RFC 3463); x stands for any number.
    "4.x.x": _guest("The guest's mail server has not taken it yet.", "Nothing to do: our mail server goes on trying."),
    "5.1.x": _guest("The guest's mail server does not know this address.", _CHECK),
    "5.2.x": _guest("The guest's mailbox does not take the mail.", _OTHER),
    "5.3.4": _content("The mail is larger than the guest's mail server allows.", "An admin should shorten the text."),
    "5.3.x": _guest("The guest's mail server could not take the mail.", _OTHER),
    "5.4.x": _guest("The mail found no way to the guest's mail server.", _CHECK),
    "5.5.x": _guest("The guest's mail server and the one before it did not understand each other.", _OTHER),
    "5.6.x": _content("The guest's mail server cannot take a mail of this form."),
    "5.7.x": _guest("The guest's mail server does not take mail from us.", _OTHER),
    "5.x.x": _guest("The mail came back: the guest's mail server does not take it.", _OTHER),
    "late 4.x.x": _guest("Our mail server tried for days, and the guest's mail server did not take it.",
        _OTHER, Kind.TEMPORARY),
    "530": _ours("The mail server wants a login first.",
        "An admin should set MAIL_USERNAME and MAIL_PASSWORD; mails wait until then."),
    "550": _guest("There is no such mailbox, or it does not take our mail.", _CHECK),
    "553": _guest("This is not an e-mail address that the mail server accepts.", _CHECK),
    "554": _guest("The guest's mail server does not take our mail.", _OTHER),
    "5xx": _guest("The guest's mail server refuses this address.", _CHECK),
    # Faults of ours, at any stage, and of mails that came back too.
    "account": _ours("Our account at the mail server is closed, held back or not yet allowed to send.", _ACCOUNT),
    "login": _ours("The mail server wants a login, or a better one.",
        "An admin should check MAIL_USERNAME and MAIL_PASSWORD; mails wait until then."),
    "sender": _ours("Our own address is refused as the sender.",
        "An admin should check MAIL_DEFAULT_SENDER and the login; mails wait until then."),
    "quota": _limit("We have sent as many mails as our mail server allows for now.", 3600),
    "rate": _limit("We send more mails at once than the mail server takes from us.", 900),
    "reputation": _ours("Our mail server is on a list of senders that are not trusted.",
        "An admin should ask the mail server's owner to have it taken off that list; mails wait until then."),
    "domain": _ours("The guest's mail server cannot see that the mail is really from us.",
        "An admin should check the sender's domain (SPF, DKIM, DMARC); mails wait until then."),
    "network": _ours("Our mail server has no proper name in the DNS.",
        "An admin should have its PTR record and greeting put right; mails wait until then."),
    "relay": _ours("The mail server does not carry mail for us to other servers.",
        "An admin should check that the mail server knows us (login, or our network address); mails wait until then."),
    # The mail itself.
    "content 4xx": _server("The mail server could not take the mail just now; it was not sent."),
    "content 5.7.1": _content("The mail server's rules refuse this text."),
    "content 5xx": _content("The mail server refuses this text, often as spam."),
}  # fmt: skip
# Of these enhanced codes the guest's address or mailbox is the cause: they say nothing of other guests.
OF_ONE_GUEST = frozenset(["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.2.2", "5.4.4"])
CODES = {code: reason for codes, reason in _ROWS.items() for code in codes.split("|")}

_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_FAULTS = "|".join(smtp_faults.Fault)
_BOUNCED = re.compile(rf"(?P<stage>late |(?:{_FAULTS}) )?(?P<kind>[45])\.(?P<subject>\d+)\.\d+")
_STORED = re.compile(r"(?:(?P<stage>[a-z]+) )?(?P<reply>[2-5]\d\d)(?: (?P<enhanced>[245]\.\d+\.\d+))?")
# At these stages the reply is about the server or the login, and its words repeat ours.
_BEFORE_A_MAIL = ("hello", "starttls", "login")


def code_of(stage: str, reply: int, words: str) -> str:
    """Returns a refusal as a code; `stage` is empty for the guest's address."""
    found = _ENHANCED.match(words.strip())
    enhanced = found[1] if found and found[1][0] == str(reply)[0] else ""
    if reply >= 400 and stage not in _BEFORE_A_MAIL:
        stage = smtp_faults.fault_in(enhanced, words) or stage
    return " ".join(part for part in (stage, str(reply), enhanced) if part)


def returned_code(code: str, words: str) -> str:
    """Returns the code of a mail that came back; if the fault is ours, the fault stands before it."""
    fault = smtp_faults.fault_in(code, words)
    return f"{fault} {code}" if fault and code[:1] in ("4", "5") else code


def reason_for(code: str) -> Reason:
    """Returns what a stored code means; one that cannot be read is final."""
    if bounced := _BOUNCED.fullmatch(code):
        stage, kind, subject = bounced["stage"] or "", bounced["kind"], bounced["subject"]
        tries = [stage.strip(), code, f"{stage}{kind}.{subject}.x", f"{stage}{kind}.x.x", f"{kind}.x.x"]
        return next(CODES[key] for key in tries if key in CODES)
    found = _STORED.fullmatch(code)
    if found:
        return next((CODES[key] for key in _tries(**found.groupdict(default="")) if key in CODES), _unlisted(code))
    return _unlisted(code)


def _tries(stage: str, reply: str, enhanced: str) -> list[str]:
    """Returns the keys of rows that may fit, the best first."""
    tries = [f"{stage} {enhanced}".strip(), f"{stage} {reply}".strip(), f"{stage} {reply[0]}xx".strip(), stage]
    if reply == "421" and stage not in set(smtp_faults.Fault) - {"sender"}:
        tries.insert(0, "421")
    if stage == "content" and enhanced.startswith(("5.1.", "5.2.")):
        tries.insert(0, enhanced)  # Some servers look at the address only when they have the whole mail.
    return tries


def _unlisted(code: str) -> Reason:
    known = {"code": code or "(none)"}
    text = gettext("The mail server refused it with the code %(code)s, which is not in Bellhop's list.", **known)
    return _guest(text, "Ask an admin to look at the mail server's log.")
