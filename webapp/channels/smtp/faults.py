"""Refusals of mail that are our own fault: patterns of words and codes, each with its source.

Mail servers refuse our account, sender or reputation with the same reply codes as a guest's address, at any stage.
Their words and their enhanced codes (RFC 3463) tell the two apart.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

_ENHANCED = "https://www.iana.org/assignments/smtp-enhanced-status-codes"
_RFC3463 = "https://www.rfc-editor.org/rfc/rfc3463"
_GMAIL = "https://support.google.com/a/answer/3726730"
_OUTLOOK = "https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/"
_POSTMASTER_LIVE = "https://sendersupport.olc.protection.outlook.com/pm/troubleshooting.aspx"
_YAHOO = "https://senders.yahooinc.com/smtp-error-codes/"
_SES = "https://docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html"
_SENDGRID = "https://www.twilio.com/docs/sendgrid/for-developers/sending-email/smtp-errors-and-troubleshooting"
_MAILGUN = "https://documentation.mailgun.com/docs/mailgun/user-manual/sending-messages/"
_POSTMARK = "https://postmarkapp.com/developer/api/overview#error-codes"
_ZOHO = "https://www.zoho.com/mail/help/troubleshooting-smtp.html"
_APPLE = "https://support.apple.com/102322"
_TONLINE = "https://postmaster.t-online.de/"
_GMX = "https://postmaster.gmx.net/en/error-messages"
_MAILRU = "https://postmaster.mail.ru/docs/en/error-codes"
_SPAMHAUS = "https://www.spamhaus.org/faqs/"
_POSTFIX = "https://www.postfix.org/postconf.5.html"
_EXIM = "https://www.exim.org/exim-html-current/doc/html/spec_html/ch-access_control_lists.html"


class Fault(StrEnum):
    """The thing of ours that is refused. It stands before the stored code."""

    ACCOUNT = "account"
    LOGIN = "login"
    SENDER = "sender"
    RELAY = "relay"
    QUOTA = "quota"
    RATE = "rate"
    REPUTATION = "reputation"
    DOMAIN = "domain"
    NETWORK = "network"


@dataclass(frozen=True)
class Row:
    """A pattern of the words, or of the whole enhanced code, that means a fault."""

    fault: Fault
    pattern: str
    source: str


# These codes are about the guest's mailbox, whatever the words beside them say.
GUESTS = re.compile(r"[45]\.(1\.(1|2|3|4|5|6|10)|2\.[1-4])")

_F = Fault
# The first pattern that fits the words. Words count before codes: some servers give a code a meaning of their own.
WORDS = (
    Row(_F.LOGIN, r"client was not authenticated|must issue a starttls|authentication (is )?required", _OUTLOOK),
    Row(_F.LOGIN, r"5\.7\.\d+ authentication needed|log ?in first|please authenticate|smtp auth\w* required", _POSTFIX),
    Row(_F.ACCOUNT, r"(account|domain|user|subuser|server|sending|mailbox) (\S+ )?(is |has been |was )?"
        r"(temporarily |currently )?(suspend|block)ed (from|for|due|to send|because|by|until|-)", _ZOHO),
    Row(_F.ACCOUNT, r"(your|this|sending|sender'?s?) (\w+ )?(account|domain|server|access|mailbox)\b.{0,60}"
        r"(suspend|disabled|deactivat|not active|inactive|under review|pending approval|locked|not allowed to send)",
        _POSTMARK),
    Row(_F.ACCOUNT, r"domain \S+ is not allowed to send|account disabled|sandbox subdomains are for test", _MAILGUN),
    Row(_F.ACCOUNT, r"sending paused|maximum credits exceeded|account (is )?in the sandbox|trial account", _SENDGRID),
    Row(_F.ACCOUNT, r"access denied, (banned sender|spam abuse|traffic not accepted)|5\.7\.70[58]\b", _OUTLOOK),
    Row(_F.ACCOUNT, r"unusual sending activity detected|outgoing (mail|smtp) (is |has been )?(block|disabl)ed", _ZOHO),
    Row(_F.QUOTA, r"(daily|hourly|monthly|maximum) (\w+ ){0,3}(sending|send|message|mail|email|recipient)s?"
        r"[ -](\w+ )?(limit|quota)", _GMAIL),
    Row(_F.QUOTA, r"(sending|send|outgoing|outbound|user|relay(ing)?|submission) (\w+ )?(quota|limit)s? ?"
        r"(is |was |has been )?(exceed|reach|hit)", _SES),
    Row(_F.QUOTA, r"(exceed|reach|hit)\w* (\w+ ){0,5}(sending|daily|hourly|monthly|outgoing|outbound|send|relay) "
        r"(\w+ ){0,3}(quota|limit|rate|allowance)", _OUTLOOK),
    Row(_F.QUOTA, r"limit on the number of (allowed )?(outgoing )?(messages|mails|recipients)", _ZOHO),
    Row(_F.QUOTA, r"(messages?|mails?|emails?|recipients?|limit)( (sent|allowed|exceeded))? (per|in an?|in 24) "
        r"(hours?|days?|months?)\b|allowed recipient.{0,20}exceeded|5\.4\.5\b", _EXIM),
    Row(_F.RATE, r"unusual rate of (unsolicited )?mail|sending rate|send rate|rate[ -]limit|too many (messages|mails|"
        r"emails|connections|recipients)|throttl|too fast|too much mail|slow down", _GMAIL),
    Row(_F.RATE, r"\[?TSS?0\d\]?|temporarily deferred due to (user|unexpected|excessive)|unexpected volume", _YAHOO),
    Row(_F.RATE, r"temporarily rate limited|RP-00[123]|SC-00[123]\b.{0,40}rate|4\.7\.65[01]|AS\(4\d{3}\)",
        _POSTMASTER_LIVE),
    Row(_F.RATE, r"reputation .{0,60}(try|retry) (again )?later|temporarily (blocked|limited|restricted)"
        r".{0,60}(reputation|ip|rate)", _GMX),
    Row(_F.NETWORK, r"(no|missing|invalid|cannot find|does not have an?|without( an?)?|lacks|bad|not have) (\w+ )?"
        r"(ptr|rdns|reverse[ -]?(dns|hostname|lookup|mapping))|(ptr|rdns|reverse dns|reverse hostname) "
        r"(record |entry |lookup )?(is )?(not|missing|invalid|does|fail|required|for)", _GMAIL),
    Row(_F.NETWORK, r"cannot find your (reverse )?hostname|client host rejected: cannot|bad (dns )?ptr|ptr-record|"
        r"(helo|ehlo) (command )?rejected|invalid (helo|ehlo)", _POSTFIX),
    Row(_F.SENDER, r"not owned by (user|auth)|not (allowed|authori[sz]ed|permitted) to (use|send|submit)( \w+){0,2} "
        r"(as|from|with|this (sender|from|address|mail))|sender (address )?(is )?not (allowed|permitted|owned)",
        _POSTFIX),
    Row(_F.SENDER, r"does not have permissions? to send as|sendasdenied|send on behalf|wrong sender|5\.7\.60\b",
        _OUTLOOK),
    Row(_F.SENDER, r"(address|identity|identities|sender|domain|signature|from)\b.{0,60}(not|un)[ -]?(been )?"
        r"(verified|confirmed|validated)|not verified\b|from address does not match|verified sender", _SES),
    Row(_F.SENDER, r"sender (address|domain)? ?(is )?(rejected|unknown|blocked|refused|denied|must|does not|verify|"
        r"mismatch|invalid|disallowed)|sender (verify|verification) failed|relaying disallowed as", _ZOHO),
    Row(_F.SENDER, r"mail from (address|command)? ?(must|not|is not)|from (header|address) (must|is not|not)|"
        r"invalid (sender|from|mail from)|incorrect sender|sender is not (same|the)", _MAILRU),
    Row(_F.DOMAIN, r"\b(dmarc|dkim|spf)\b.{0,80}(fail|not|reject|pass|polic|violat|require|miss|align|error|invalid|"
        r"reject|did|softfail|hard|neutral)|(fail|not|reject|miss|violat|polic|require|lack)\w*\b.{0,80}"
        r"\b(dmarc|dkim|spf)\b|unauthenticated (e?mail|message)|is unauthenticated", _GMAIL),
    Row(_F.REPUTATION, r"(blocked|listed|rejected|refused|denied) (using|by|at|in|on|with|via|because.{0,40}) .{0,60}"
        r"(spamhaus|spamcop|barracuda|sorbs|uceprotect|abuseat|invaluement|proofpoint|cloudmark|dnsbl|rbl|"
        r"block ?list|black ?list|bl\.|zen\.|\.org|\.net)", _SPAMHAUS),
    Row(_F.REPUTATION, r"spamhaus|spamcop|barracudanetworks|barracudacentral|uceprotect|dnsbl|\brbl\b|blo?ck ?list|"
        r"black[ -]?list|blacklisted|sender ?base|senderscore|cloudmark|junkmail rejected", _SPAMHAUS),
    Row(_F.REPUTATION, r"\bS3(140|150)\b|banned sending ip|part of their network is on|messages from \[?[\d.:a-f]+\]? "
        r"weren'?t sent", _POSTMASTER_LIVE),
    Row(_F.REPUTATION, r"(low|bad|poor|very low) reputation|reputation of|reputation (is )?(too )?(low|bad|poor)|"
        r"ip (address )?\S* ?(is |has been |was )?(block|ban|list|refus|reject)|"
        r"your (ip|host|server|network|mailserver)\b.{0,50}(block|list|ban|reject|refus|deni|not allowed)", _GMAIL),
    Row(_F.REPUTATION, r"\bBL0?\d\d?\b|message not accepted for policy reasons|user complaints|\[?PH0?1\]?\b", _YAHOO),
    Row(_F.REPUTATION, r"tosa@rx\.t-online\.de|IP=[\d.]+ - (a problem|none/bad)|none/bad reputation", _TONLINE),
    Row(_F.REPUTATION, r"postmaster\.(gmx|web|1und1)\.\w+.{0,90}(ip|c=bl|c=hi)|nemesis esmtp service not available",
        _GMX),
    Row(_F.REPUTATION, r"spam message (is )?rejected.{0,90}mail\.ru|prohibited by (ip|sender) polic", _MAILRU),
    Row(_F.REPUTATION, r"\[CS01\]|\[HM0\d\]|mail from ip \S+ (was )?rejected", _APPLE),
    Row(_F.RELAY, r"\brelay(ing)?\b(?![.-]?\w*\.\w| recipient table)", _POSTFIX),
)  # fmt: skip

# Patterns of the whole enhanced code, for refusals whose words say nothing.
CODES = (
    Row(_F.SENDER, r"[45]\.1\.[78]", f"{_RFC3463} §3.2"),
    Row(_F.QUOTA, r"5\.4\.5", _GMAIL),
    Row(_F.QUOTA, r"5\.1\.90|5\.7\.23[2-6]|4\.7\.23[2-6]", _OUTLOOK),
    Row(_F.LOGIN, r"[45]\.7\.(8|9|11|14|57)", f"{_ENHANCED} (RFC 4954 §6)"),
    Row(_F.ACCOUNT, r"5\.7\.13", f"{_ENHANCED} (RFC 5248)"),
    Row(_F.DOMAIN, r"[45]\.7\.2[0-4]", f"{_ENHANCED} (RFC 7372 §3)"),
    Row(_F.NETWORK, r"[45]\.7\.25", f"{_ENHANCED} (RFC 7372 §3.3)"),
    Row(_F.DOMAIN, r"[45]\.7\.(26|27|29|30|31|32|40)", _GMAIL),
    Row(_F.SENDER, r"[45]\.7\.60", _OUTLOOK),
    Row(_F.RATE, r"[45]\.7\.28", _GMAIL),
    Row(_F.RELAY, r"5\.7\.(54|64|367|368)", _OUTLOOK),
    Row(_F.ACCOUNT, r"5\.7\.(50[1-7]|7[0-4]\d|750)", _OUTLOOK),
    Row(_F.RATE, r"5\.7\.508|4\.7\.[56]\d\d", _OUTLOOK),
    Row(_F.DOMAIN, r"5\.7\.(509|515)", _OUTLOOK),
    Row(_F.REPUTATION, r"5\.7\.(51[01]|6[0-4]\d)", _OUTLOOK),
)


def fault_in(enhanced: str, words: str) -> Fault | None:
    """Returns the fault of ours that a refusal names, or None."""
    if enhanced and GUESTS.fullmatch(enhanced):
        return None
    line = " ".join(words.split())[:1000]
    by_words = next((row.fault for row in WORDS if re.search(row.pattern, line, re.IGNORECASE)), None)
    return by_words or next((row.fault for row in CODES if re.fullmatch(row.pattern, enhanced)), None)
