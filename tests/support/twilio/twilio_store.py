"""What the fake Twilio keeps and checks: arrivals, messages, and the rules for a new message.

Fields, limits and codes: Twilio's API reference for the Message resource and its error dictionary.
"""

import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlsplit

E164 = re.compile(r"\+[1-9]\d{6,14}")
TRIAL_PREFIX = "Sent from your Twilio trial account - "

# "Magic" numbers of Twilio's test credentials.
MAGIC_TO = {"+15005550001": 21211, "+15005550002": 21612, "+15005550003": 21408}
MAGIC_TO |= {"+15005550004": 21610, "+15005550009": 21614}
MAGIC_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}

WORDS = {
    20003: "Authenticate",
    20404: "The requested resource was not found",
    20422: "Invalid Parameter",
    20429: "Too Many Requests",
    20500: "Internal Server Error",
    20503: "Service Unavailable",
    21211: "Invalid 'To' Phone Number",
    21212: "Invalid From Number",
    21408: "Permission to send an SMS has not been enabled for the region indicated by the 'To' number",
    21602: "Message body is required",
    21603: "A 'From' phone number is required",
    21604: "A 'To' phone number is required",
    21606: "The 'From' phone number provided is not a valid message-capable Twilio phone number",
    21609: "The 'StatusCallback' URL is not a valid URL",
    21610: "Attempt to send to unsubscribed recipient",
    21611: "This 'From' number has exceeded the maximum allowed queued messages",
    21612: "The 'To' phone number is not currently reachable via SMS or MMS",
    21614: "'To' number is not a valid mobile number",
    21617: "The concatenated message body exceeds the 1600 character limit",
    21654: "ContentSid Required",
    21655: "The ContentSid is Invalid",
    21656: "The ContentVariables Parameter is invalid",
    21705: "The Messaging Service Sid is invalid",
    21910: "Invalid From and To pair. From and To should be of the same channel",
    63007: "Twilio could not find a Channel with the specified From address",
}

RANKS = {"accepted": 10, "scheduled": 10, "queued": 10, "sending": 20, "sent": 30}
RANKS |= {"failed": 40, "undelivered": 40, "canceled": 40, "delivered": 41, "read": 50}


@dataclass
class Arrival:
    """One request for a new message, taken or not."""

    number: int  # 1 for the first.
    form: dict[str, str]
    started: float  # Monotonic seconds when its first byte was read.
    ended: float | None = None  # When the last byte of the answer was about to go, or the line was cut.
    sid: str = ""  # Empty where it was not taken.
    status: int = 0  # The HTTP status answered; 0 where there was no answer.
    code: int = 0

    @property
    def to(self) -> str:
        """The address as posted, `whatsapp:` included."""
        return self.form.get("To", "")

    @property
    def phone(self) -> str:
        """The address without a channel's prefix."""
        return self.to.removeprefix("whatsapp:")

    @property
    def body(self) -> str:
        """The text; empty for a template."""
        return self.form.get("Body", "")

    @property
    def content_sid(self) -> str:
        """The template, or an empty string."""
        return self.form.get("ContentSid", "")

    @property
    def content_variables(self) -> dict[str, str]:
        """The template's variables."""
        return dict(json.loads(self.form.get("ContentVariables") or "{}"))

    @property
    def status_callback(self) -> str:
        """Where receipts shall go, or an empty string."""
        return self.form.get("StatusCallback", "")


@dataclass
class Message:
    """One message that was taken."""

    account_sid: str
    to: str
    sender: str  # Empty while a messaging service has not chosen one.
    body: str
    status: str
    callback: str = ""
    service: str = ""
    content_sid: str = ""
    hidden: bool = False
    error_code: int | None = None
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    sent: datetime | None = None
    sid: str = field(default_factory=lambda: "SM" + secrets.token_hex(16))

    def advance(self, status: str, code: int = 0) -> None:
        """Move forward by rank; what comes late changes nothing."""
        if RANKS.get(status, 0) > RANKS.get(self.status, 0):
            self.status, self.error_code = status, code or None
            self.sent = self.sent or (datetime.now(UTC) if status != "failed" else None)

    def as_json(self) -> dict[str, Any]:
        """Return the Message resource."""
        uri = f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}"
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "messaging_service_sid": self.service or None,
            "api_version": "2010-04-01",
            "body": self.body,
            "date_created": format_datetime(self.created),
            "date_sent": format_datetime(self.sent) if self.sent else None,
            "date_updated": format_datetime(self.sent or self.created),
            "direction": "outbound-api",
            "error_code": self.error_code,
            "error_message": WORDS.get(self.error_code, "") if self.error_code else None,
            "from": self.sender or None,
            "num_media": "0",
            "num_segments": "0" if self.service else "1",
            "price": None,
            "price_unit": "USD",
            "status": self.status,
            "subresource_uris": {"media": f"{uri}/Media.json"},
            "to": self.to,
            "uri": f"{uri}.json",
        }


def refusal(form: dict[str, str]) -> int:
    """Return the code with which Twilio would refuse this message, or 0."""
    to, sender, body = form.get("To", ""), form.get("From", ""), form.get("Body", "")
    return (
        _wrong_address(to, sender, form.get("MessagingServiceSid", ""))
        or _wrong_content(body, form.get("ContentSid"), form.get("ContentVariables"))
        or (20422 if not 1 <= _number(form.get("ValidityPeriod", "36000")) <= 36000 else 0)
        or (21609 if not _is_url(form.get("StatusCallback")) else 0)
    )


def _wrong_address(to: str, sender: str, service: str) -> int:
    phone, from_phone = to.removeprefix("whatsapp:"), sender.removeprefix("whatsapp:")
    if not to or not (sender or service):
        return 21603 if to else 21604
    if code := MAGIC_TO.get(phone) or MAGIC_FROM.get(from_phone):
        return code
    if not E164.fullmatch(phone):
        return 21211
    if service and not re.fullmatch(r"MG[0-9a-f]{32}", service):
        return 21705
    if sender and to.startswith("whatsapp:") != sender.startswith("whatsapp:"):
        return 21910
    # A sender may also be a short code or an alphanumeric name of up to 11 characters.
    named = re.fullmatch(r"\d{3,6}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", sender)
    return 0 if not sender or named or E164.fullmatch(from_phone) else 21212


def _wrong_content(body: str, content_sid: str | None, variables: str | None) -> int:
    if not body and not content_sid:
        return 21654 if variables else 21602
    if len(body) > 1600:
        return 21617
    if variables and not content_sid:
        return 21654
    if content_sid and not re.fullmatch(r"HX[0-9a-f]{32}", content_sid):
        return 21655
    return 0 if _is_object(variables or "{}") else 21656


def breaks_template_rules(arrival: Arrival) -> bool:
    """Whether WhatsApp would refuse a variable: empty, more than four spaces on end, or a line break (63013)."""
    bad = re.compile(r"\s*|.*(\n|\t| {5}).*", re.DOTALL)
    return any(bad.fullmatch(value) for value in arrival.content_variables.values())


def _is_object(text: str) -> bool:
    try:
        value = json.loads(text)
    except ValueError:
        return False
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def _is_url(text: str | None) -> bool:
    if not text:
        return True
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and "_" not in str(parts.hostname)


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else -1
