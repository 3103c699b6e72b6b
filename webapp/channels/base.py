"""The protocol of channels: a channel takes one `Outgoing`, speaks to its provider, and answers one of five outcomes.

A channel never raises for something that a provider did: an exception that leaves `send` is a bug of ours.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from webapp.i18n import gettext
from webapp.models.names import ChannelName


class Scope(StrEnum):
    """What a failure is about."""

    RECIPIENT = "recipient"
    TEMPLATE = "template"
    CHANNEL = "channel"


class Kind(StrEnum):
    """What a code means for the next try."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reason:
    """A code's class and scope, what happened, and what helps."""

    kind: Kind
    scope: Scope
    sentence: str  # English, as it is stored and written to logs; `tests/support/catalogue.py` collects it.
    advice: str
    link: str = ""
    wait: float = 0  # Least seconds before another try makes sense; 0 leaves it to the schedule.
    uses_try: bool = True  # False where it is a limit of ours, and says nothing of this message.

    @property
    def text(self) -> str:
        """What happened, in the language of the reader."""
        return gettext(self.sentence)

    @property
    def helps(self) -> str:
        """What helps, in the language of the reader."""
        return gettext(self.advice)


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One attempt of one message, complete: a channel needs no database."""

    message_id: int
    channel: ChannelName
    event: str
    token: str  # The attempt's own; stands in its callback URL.
    to: str  # E.164 for sms and whatsapp, an address for email.
    reference: str  # The booking's; it stands in the text, and look-ups search for it.
    body: str
    subject: str = ""
    html: str = ""
    content_sid: str = ""  # WhatsApp template, HX…
    content_variables: Mapping[str, str] = field(default_factory=dict)  # {"1": "Amelia", …}
    mail_id: str = ""  # The frozen Message-ID, <…@…>, the same on every try.
    business: str = ""  # The name that stands before the sender's address, where MAIL_DEFAULT_SENDER has none.
    callback_url: str = ""  # Where receipts go; empty where the provider could not reach us.
    started_at: datetime  # The database's time when the attempt was claimed.
    expires_in: float = 36_000  # Seconds until the text is stale.
    trace_id: str = ""  # Of the request that caused it, for log lines.


@dataclass(frozen=True)
class Accepted:
    """The provider took the message."""

    provider_id: str
    detail: str = ""


@dataclass(frozen=True)
class Temporary:
    """Not taken now; another try may work. `retry_after` (seconds) wins over the schedule."""

    code: str
    detail: str = ""
    scope: Scope = Scope.CHANNEL
    retry_after: float | None = None
    uses_try: bool = True


@dataclass(frozen=True)
class Permanent:
    """Never taken for this address, template or text."""

    code: str
    detail: str = ""
    scope: Scope = Scope.RECIPIENT


@dataclass(frozen=True)
class Misconfigured:
    """Our account or sender is wrong, so the channel pauses itself."""

    code: str
    detail: str = ""


@dataclass(frozen=True)
class Unknown:
    """Perhaps taken. It is looked up before it is sent again."""

    detail: str
    code: str = "unknown"


Outcome = Accepted | Temporary | Permanent | Misconfigured | Unknown


@dataclass(frozen=True)
class Sighting:
    """A message that the provider has: its id, its status in the provider's word, its error code if it has one."""

    provider_id: str
    status: str
    code: str = ""


class Channel(Protocol):
    """A way to one provider. Instances are shared by the threads of a process."""

    name: ChannelName
    provider: str  # twilio, smtp, sandbox or off
    deadline: float  # Seconds that `send` may take in all.

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Hand one message over. Calls `before_body` once, just before the first byte that a provider could act on."""

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:  # noqa: ARG002 - for those that can look
        """Returns the provider's messages with this address and reference, from 10 minutes before the attempt.

        None means that the provider could not be asked, which proves nothing.
        """
        return None

    def ask(self, provider_id: str) -> Sighting | None:  # noqa: ARG002 - for those that can ask
        """Returns how an accepted message stands; None if the provider did not say."""
        return None

    def check_credentials(self) -> str:
        """Ask the provider whether it knows us, without sending. Returns what is wrong; empty if nothing is."""
