"""Why a message was not delivered and what helps, looked up by its code; and a code's class as an outcome."""

from collections.abc import Callable

from webapp.channels import twilio_codes
from webapp.channels.base import Kind, Misconfigured, Outcome, Permanent, Reason, Temporary, Unknown
from webapp.channels.own_codes import OURS
from webapp.channels.smtp import codes as smtp_codes
from webapp.models.names import ChannelName

__all__ = ["OURS", "Kind", "Reason", "as_outcome", "explain", "is_of_one_guest"]


# Each channel's own codes.
TABLES: dict[str, Callable[[str], Reason]] = {
    ChannelName.SMS: twilio_codes.reason_for,
    ChannelName.WHATSAPP: twilio_codes.reason_for,
    ChannelName.EMAIL: smtp_codes.reason_for,
}
OF_ONE_GUEST = {"bad_address", "opted_out"} | twilio_codes.OF_ONE_GUEST | smtp_codes.OF_ONE_GUEST
LONGEST_REPLY = 3  # A mail server's codes begin with three digits; Twilio's have five.


def explain(channel: ChannelName | None, code: str) -> Reason:
    """Returns what a stored code means; every code has a meaning. Without a channel its form says whose it is."""
    if code in OURS:
        return OURS[code]
    if channel is None:
        channel = ChannelName.SMS if code.isdigit() and len(code) > LONGEST_REPLY else ChannelName.EMAIL
    return TABLES[channel](code)


def is_of_one_guest(code: str) -> bool:
    """Returns whether the guest's own address or wish is the cause, so that other guests are reached all the same."""
    return code in OF_ONE_GUEST or code.rpartition(" ")[2] in OF_ONE_GUEST  # "550 5.1.1" ends with the code.


def as_outcome(reason: Reason, code: str, detail: str = "", retry_after: float | None = None) -> Outcome:
    """Turn a refusal into its outcome; a provider's own `retry_after` (seconds) wins over the table's wait."""
    match reason.kind:
        case Kind.TEMPORARY:
            wait = reason.wait or None if retry_after is None else retry_after
            return Temporary(code, detail, reason.scope, wait, reason.uses_try)
        case Kind.PERMANENT:
            return Permanent(code, detail, reason.scope)
        case Kind.MISCONFIGURED:
            return Misconfigured(code, detail)
        case Kind.UNKNOWN:
            return Unknown(detail or reason.sentence, code)
