"""A provider in memory that answers what a test tells it to, and counts what it was handed."""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from webapp.channels.base import Accepted, Outcome, Outgoing, Sighting
from webapp.channels.registry import Channels
from webapp.models import ChannelName

Answer = Outcome | Exception | Callable[[Outgoing], Outcome]


@dataclass
class Scripted:
    """One channel. `answers` are used up in order; after them everything is accepted."""

    name: ChannelName = ChannelName.SMS
    provider: str = "scripted"
    deadline: float = 20.0
    answers: list[Answer] = field(default_factory=list)
    handed: list[Outgoing] = field(default_factory=list)
    sightings: list[Sighting] | None = field(default_factory=list)
    asked: dict[str, Sighting] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Take it, or answer the next of `answers`."""
        before_body()
        with self.lock:
            self.handed.append(outgoing)
            answer = self.answers.pop(0) if self.answers else Accepted(f"SM{outgoing.token}")
        if isinstance(answer, Exception):
            raise answer
        return answer(outgoing) if callable(answer) else answer

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:
        """What the test says that the provider shows."""
        return self.sightings

    def ask(self, provider_id: str) -> Sighting | None:
        """What the test says that became of it."""
        return self.asked.get(provider_id)

    def check_credentials(self) -> str:
        return ""


@dataclass
class Post:
    """All three channels."""

    sms: Scripted
    whatsapp: Scripted
    email: Scripted

    @property
    def handed(self) -> list[Outgoing]:
        return [*self.sms.handed, *self.whatsapp.handed, *self.email.handed]

    def channels(self) -> Channels:
        book = {channel.name: channel for channel in self.all()}
        return Channels(live=book, sandbox=book)

    def all(self) -> Iterable[Scripted]:
        return (self.sms, self.whatsapp, self.email)


def a_post() -> Post:
    """Three channels that accept everything."""
    return Post(*(Scripted(name) for name in ChannelName))
