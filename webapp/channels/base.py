"""What a channel is: it takes one `Outgoing`, speaks to its provider, and answers one of five outcomes.

The vendor's words stop behind this door. A channel never raises for what a provider did; an exception
that escapes `send` is our own bug.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from webapp.models.names import ChannelName


class Scope(StrEnum):
    """What a failure says something about."""

    RECIPIENT = "recipient"
    TEMPLATE = "template"
    CHANNEL = "channel"


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One attempt of one message, frozen: a channel needs no database."""

    message_id: int
    channel: ChannelName
    event: str
    token: str  # The attempt's own; stands in its callback URL.
    to: str  # E.164 for sms and whatsapp, an address for email.
    reference: str  # The booking's, always part of the text; look-ups search for it.
    body: str
    subject: str = ""
    html: str = ""
    content_sid: str = ""  # WhatsApp template, HX…
    content_variables: Mapping[str, str] = field(default_factory=dict)  # {"1": "Amelia", …}
    mail_id: str = ""  # The frozen Message-ID, <…@…>, the same on every try.
    callback_url: str = ""  # Where receipts go; empty where the provider could not reach us.
    started_at: datetime  # The database's time when the attempt was claimed.
    expires_in: float = 36_000  # Seconds until the text is stale.
    trace_id: str = ""  # Of the request that caused it, for log lines.


@dataclass(frozen=True)
class Accepted:
    """The provider took it."""

    provider_id: str
    detail: str = ""


@dataclass(frozen=True)
class Temporary:
    """Not taken, may pass. `retry_after` in seconds wins over the schedule."""

    code: str
    detail: str = ""
    scope: Scope = Scope.CHANNEL
    retry_after: float | None = None
    uses_try: bool = True


@dataclass(frozen=True)
class Permanent:
    """Never for this address, template or text."""

    code: str
    detail: str = ""
    scope: Scope = Scope.RECIPIENT


@dataclass(frozen=True)
class Misconfigured:
    """Our account or sender is wrong; the channel pauses itself."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Unknown:
    """Perhaps taken; never sent again before it was looked up."""

    detail: str
    code: str = "unknown"


Outcome = Accepted | Temporary | Permanent | Misconfigured | Unknown


@dataclass(frozen=True)
class Sighting:
    """A message that the provider has: its id, its status in the provider's word, its error code if any."""

    provider_id: str
    status: str
    code: str = ""


class Channel(Protocol):
    """A way to one provider. Instances are shared by the threads of a process."""

    name: ChannelName
    provider: str  # twilio, smtp, sandbox or off
    deadline: float  # Seconds that `send` may take in all.

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Hand one message over, within the deadline.

        `before_body` is called once, right before the first byte that a provider could act on.
        """

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:  # noqa: ARG002 - for those that can look
        """List what the provider has for this address since the attempt's start − 10 min with its reference.

        None: the look itself failed, or there is nothing to look in; it says nothing.
        """
        return None

    def ask(self, provider_id: str) -> Sighting | None:  # noqa: ARG002 - for those that can ask
        """Ask what became of an accepted message; None where the provider did not say."""
        return None

    def check_credentials(self) -> str:
        """Ask the provider, sending nothing, whether it knows us; an empty string is yes, else what is wrong."""
