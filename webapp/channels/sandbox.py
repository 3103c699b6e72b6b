"""The provider that needs no credentials: it behaves like a real one and reaches nobody.

It stores each message under the attempt's token before it answers, so a look-up is exact even if a worker was killed.
Addresses decide what fails: Twilio's magic numbers (https://www.twilio.com/docs/iam/test-credentials), and mailboxes.
"""

import random
import secrets
import threading
import time
from collections.abc import Callable
from typing import Protocol

from webapp.channels.base import Accepted, Outcome, Outgoing, Sighting, Unknown
from webapp.channels.reasons import as_outcome, explain
from webapp.models.names import ChannelName
from webapp.settings import Settings

NUMBERS = {
    "+15005550001": "21211",
    "+15005550002": "21612",
    "+15005550003": "21408",
    "+15005550004": "21610",
    "+15005550009": "21614",
}
# A phone without WhatsApp whose SMS arrives: it shows how one channel stands in for another.
NO_WHATSAPP = ("+15005550010", "63003")
MAILBOXES = {"bounce": "550 5.1.1", "full": "552 5.2.2", "spam": "content 554 5.7.1"}
GREYLISTED = ("greylist", "451 4.7.1")  # On a message's first try only.
# These are taken and the answer is lost: they show how a message is looked up.
LOST = ("+15005550099", "lost")
IDS = {"phone": "SM", "email": "EM"}


def refusal(name: ChannelName, to: str) -> str:
    """Returns the code with which an address is always refused; empty for one that is not."""
    key = _key(name, to)
    if name is ChannelName.WHATSAPP and key == NO_WHATSAPP[0]:
        return NO_WHATSAPP[1]
    return (NUMBERS if name.address_field == "phone" else MAILBOXES).get(key, "")


def _key(name: ChannelName, to: str) -> str:
    """Returns the phone number, or the mailbox's name, that decides what happens."""
    return to if name.address_field == "phone" else to.partition("@")[0].partition("+")[0].lower()


class SandboxStore(Protocol):
    """Stores what the sandbox took; each call is a transaction of its own."""

    def accept(self, outgoing: Outgoing, provider_id: str) -> str:
        """Keep an acceptance, once a token. Returns its provider id: the one already kept, if any."""

    def find(self, token: str) -> Sighting | None:
        """Returns the message of this attempt's token."""

    def get(self, provider_id: str) -> Sighting | None:
        """Returns the message with this id."""


class SandboxChannel:
    """A channel to the sandbox; `delay` is the shortest and the longest time of an answer, in seconds."""

    provider = "sandbox"

    def __init__(
        self, settings: Settings, name: ChannelName, store: SandboxStore, delay: tuple[float, float] = (0.15, 0.6)
    ) -> None:
        self.name = name
        self.deadline = settings.handover_deadline
        self._store = store
        self._delay = delay
        self._greylisted: set[int] = set()
        self._lock = threading.Lock()

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Take the message, or refuse it as its address says."""
        pause = random.uniform(*self._delay) / 2  # noqa: S311 - a pretended wait
        time.sleep(pause)
        before_body()
        code = self._refusal(outgoing)
        if code:
            time.sleep(pause)
            return as_outcome(explain(self.name, code), code, "Simulated")
        provider_id = self._store.accept(outgoing, IDS[self.name.address_field] + secrets.token_hex(16))
        time.sleep(pause)
        if _key(self.name, outgoing.to) in LOST:
            return Unknown("Simulated: the answer was lost.")
        return Accepted(provider_id, "Simulated")

    def _refusal(self, outgoing: Outgoing) -> str:
        # In memory only: of several workers each may put the guest off once.
        with self._lock:
            first = outgoing.message_id not in self._greylisted
            if first and _key(self.name, outgoing.to) == GREYLISTED[0]:
                self._greylisted.add(outgoing.message_id)
                return GREYLISTED[1]
        return refusal(self.name, outgoing.to)

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:
        """Look under the attempt's own token."""
        seen = self._store.find(outgoing.token)
        return [seen] if seen else []

    def ask(self, provider_id: str) -> Sighting | None:
        """Look under the id."""
        return self._store.get(provider_id)

    def check_credentials(self) -> str:
        """Nothing is needed."""
        return ""
