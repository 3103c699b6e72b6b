"""SMS and WhatsApp through Twilio's Messages API.

A create is not idempotent, and Twilio has no idempotency key for it. So a lost answer or a server fault is `Unknown`,
and Twilio's list is read before anything is sent again (https://www.twilio.com/docs/api/errors/20500).
"""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from logging import INFO, WARNING, getLogger
from typing import Any

from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from webapp.channels.base import (
    Accepted,
    Kind,
    Misconfigured,
    Outcome,
    Outgoing,
    Permanent,
    Scope,
    Sighting,
    Temporary,
    Unknown,
)
from webapp.channels.http import Call, CarefulClient, NeverSent, PerhapsTaken
from webapp.channels.reasons import OURS, Reason, as_outcome, explain
from webapp.channels.twilio_codes import CODES, reason_for
from webapp.models.guest import spellings
from webapp.models.names import ChannelName
from webapp.settings import Settings

LONGEST_VALIDITY = 36_000  # Seconds; Twilio's own limit.
LOOK_BACK = timedelta(minutes=10)  # Twilio's clock is not ours.
LOOK_AT = 100  # Messages to one address that a look reads.

# Both libraries log the address of a request; that of a look-up contains the guest's number.
getLogger("twilio.http_client").setLevel(WARNING)
getLogger("urllib3.connectionpool").setLevel(INFO)


def guest_of(sender: str) -> tuple[ChannelName, str]:
    """Returns the channel and the phone (E.164) of a sender as Twilio names it."""
    phone = sender.removeprefix("whatsapp:")
    return (ChannelName.SMS if phone == sender else ChannelName.WHATSAPP), phone


class TwilioChannel:
    """SMS or WhatsApp: the two differ only in the fields of a message."""

    provider = "twilio"

    def __init__(self, settings: Settings, name: ChannelName) -> None:
        self.name = name
        self.deadline = settings.handover_deadline
        self._prefix = "whatsapp:" if name is ChannelName.WHATSAPP else ""
        self._from = settings.twilio_whatsapp_from if self._prefix else settings.twilio_sms_from
        self._service = settings.twilio_messaging_service_sid
        self._http = CarefulClient(settings.provider_timeout, settings.twilio_api_url)
        # Without a placeholder the library would search the environment, and commands could not report on settings.
        account, secret = settings.twilio_account_sid or "not-set", settings.twilio_auth_token or "not-set"
        self._account = account
        self._client: Any = Client(account, secret, http_client=self._http)

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Create the message. After an answer that cannot be read nobody knows whether Twilio took it."""
        if self._prefix and not outgoing.content_sid:
            return Permanent("no_template", OURS["no_template"].sentence, Scope.TEMPLATE)
        with self._http.call(self.deadline, before_body) as call:
            try:
                made = self._client.messages.create(**self._fields(outgoing))
            except NeverSent as error:
                return as_outcome(_line(error), error.code, error.detail)
            except PerhapsTaken as error:
                return Unknown(str(error))
            except TwilioException as error:
                return _refusal(call, error)
            except Exception as error:
                if call.refusal or not call.begun:
                    raise  # A bug of ours, or the caller's own refusal: nothing went out.
                return Unknown(f"Twilio's answer could not be read ({type(error).__name__}).")
        return Accepted(made.sid, str(made.status or "")) if made.sid else Unknown("Twilio's answer names no message.")

    def _fields(self, outgoing: Outgoing) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "to": self._prefix + outgoing.to,
            "validity_period": min(max(int(outgoing.expires_in), 1), LONGEST_VALIDITY),
        }
        if self._from:
            fields["from_"] = self._prefix + self._from.removeprefix("whatsapp:")
        else:
            fields["messaging_service_sid"] = self._service
        if outgoing.callback_url:
            fields["status_callback"] = outgoing.callback_url
        if not self._prefix:
            return fields | {"body": outgoing.body, "smart_encoded": True}
        # Since April 2025 a template's text beside its Content SID fails (63016), so there is no body.
        fields["content_sid"] = outgoing.content_sid
        if outgoing.content_variables:
            clean = {str(key): clean_variable(value) for key, value in outgoing.content_variables.items()}
            fields["content_variables"] = json.dumps(clean, ensure_ascii=False)
        return fields

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:
        """Returns Twilio's messages to this address with this reference, from ten minutes before the attempt."""
        since = _aware(outgoing.started_at) - LOOK_BACK
        try:
            with self._http.call(self.deadline):
                named = [self._prefix + spelling for spelling in spellings(outgoing.to, self.name)]
                listed = self._client.messages.list
                rows = [row for to in named for row in listed(to=to, limit=LOOK_AT, page_size=LOOK_AT)]
            recent = [row for row in rows if row.date_created is None or row.date_created >= since]
            # A list that is cut short may hide a second message.
            if len(recent) >= LOOK_AT:
                return None
            return [
                _sighting(row) for row in recent if row.direction == "outbound-api" and _is_ours(row.body, outgoing)
            ]
        except Exception:  # noqa: BLE001 - a look that failed has seen nothing
            return None

    def ask(self, provider_id: str) -> Sighting | None:
        """Fetch the message."""
        try:
            with self._http.call(self.deadline):
                return _sighting(self._client.messages(provider_id).fetch())
        except Exception:  # noqa: BLE001 - as above
            return None

    def check_credentials(self) -> str:
        """Fetch our own account; nothing is sent."""
        try:
            with self._http.call(self.deadline) as call:
                account = self._client.api.accounts(self._account).fetch()
        except NeverSent as error:
            return f"{_line(error).text} ({error.detail})"
        except TwilioException as error:
            outcome = _refusal(call, error)
            return "" if isinstance(outcome, Accepted) else explain(self.name, outcome.code).text
        except Exception as error:  # noqa: BLE001 - as above
            return f"Twilio did not answer as expected ({type(error).__name__})."
        return "" if account.status in (None, "active") else f"The Twilio account is {account.status}."


def clean_variable(value: str) -> str:
    """Returns a value that a WhatsApp template takes: no line breaks, no runs of spaces, never empty (63013)."""
    return " ".join(str(value).split()) or "-"


def retry_after(headers: Any) -> float | None:
    """Returns the seconds of Retry-After, which may be a date; None if it cannot be read."""
    text = str(headers.get("Retry-After") or "").strip()
    if re.fullmatch(r"\d{1,6}(\.\d+)?", text):
        return float(text)
    try:
        return max(0.0, (_aware(parsedate_to_datetime(text)) - datetime.now(UTC)).total_seconds())
    except ValueError:
        return None


def _line(trouble: NeverSent) -> Reason:
    # A certificate that is not valid, of a proxy for example, is an outage and not a wrong setting.
    return OURS["tls" if trouble.code == "certificate" else trouble.code]


def _refusal(call: Call, refusal: TwilioException) -> Outcome:
    status = call.status
    given = str(getattr(refusal, "code", None) or status)
    words = str(getattr(refusal, "msg", None) or getattr(refusal, "detail", None) or getattr(refusal, "title", ""))
    return classify(status, given, words, retry_after(call.headers))


def classify(status: int, given: str, words: str, wait: float | None) -> Outcome:
    """Returns the outcome of an error answer; `given` is Twilio's code or the HTTP status again, `wait` Retry-After."""
    code = f"http-{status}" if given == str(status) else given
    detail = f"HTTP {status}: {words.removeprefix('Unable to create record: ')}"[:300]
    known = CODES.get(code)
    if status == 429 or code == "20429":
        # Twilio says that it did not process this, so it costs no try.
        scope = known.scope if known else Scope.CHANNEL
        return Temporary(
            code, detail, scope, wait if wait is not None else (known and known.wait) or None, uses_try=False
        )
    if status == 503:
        return Temporary(code, detail, Scope.CHANNEL, wait)
    if status >= 500:
        return Unknown(detail, code)
    if not known and status in (401, 403, 404, 407):
        return Misconfigured(code, detail)
    reason = reason_for(code)
    return as_outcome(reason, code, detail, wait if reason.kind is Kind.TEMPORARY else None)


def _sighting(row: Any) -> Sighting:
    return Sighting(str(row.sid), str(row.status or ""), str(row.error_code or ""))


def _is_ours(text: str | None, outgoing: Outgoing) -> bool:
    # A trial account puts words before the text; B-7 must not find B-70. An empty text (redacted, or not yet filled
    # in) proves nothing, and counting it cannot double a message.
    wanted = re.escape(outgoing.reference or outgoing.body)
    return not text or re.search(rf"(?<![A-Za-z0-9]){wanted}(?![A-Za-z0-9]|-[A-Za-z0-9])", text) is not None


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
