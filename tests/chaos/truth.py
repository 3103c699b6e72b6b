"""A provider in memory that knows the truth: what it was handed, what it took, and what it may show of that.

What it sees that Bellhop promised never to do is kept in `broken`: an assertion that fails inside a
channel would be taken for a bug of the channel's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from tests.chaos.conftest import MovedTime
from tests.chaos.parking import park
from webapp.channels.base import Accepted, Misconfigured, Outcome, Outgoing, Permanent, Scope, Sighting, Temporary
from webapp.channels.base import Unknown as Lost
from webapp.channels.registry import Channels
from webapp.extensions import db
from webapp.models import Attempt, ChannelName, Message

ARRIVES = ("queued", "sent", "delivered")
IS_REFUSED_LATER = ("queued", "sent", "undelivered")
CLOCKS_DRIFT = timedelta(seconds=0.1)  # Two machines' seconds are not quite the same.
CHANGES_ITS_MIND = ("sent", "undelivered", "delivered")


@dataclass(frozen=True)
class Answer:
    """How the provider treats one hand-over."""

    outcome: Callable[[str], Outcome]
    takes: bool = False
    is_hidden: bool = False  # The provider's own list does not show it.
    fate: tuple[str, ...] = ARRIVES


def _bug(_: str) -> Outcome:
    raise ZeroDivisionError


def _lost(_: str) -> Outcome:
    return Lost("no answer came")


ANSWERS: dict[str, Answer] = {
    "accepted": Answer(Accepted, takes=True),
    "refused later": Answer(Accepted, takes=True, fate=IS_REFUSED_LATER),
    "changes its mind": Answer(Accepted, takes=True, fate=CHANGES_ITS_MIND),
    "taken, answer lost": Answer(_lost, takes=True),
    "taken, answer lost, refused later": Answer(_lost, takes=True, fate=IS_REFUSED_LATER),
    "taken, answer lost, not in the list": Answer(_lost, takes=True, is_hidden=True),
    "taken, answer lost, not in the list, refused later": Answer(
        _lost, takes=True, is_hidden=True, fate=IS_REFUSED_LATER
    ),
    "taken, then a bug": Answer(_bug, takes=True),
    "lost": Answer(_lost),
    "bug": Answer(_bug),
    "busy": Answer(lambda _: Temporary("20503", scope=Scope.RECIPIENT)),
    "down": Answer(lambda _: Temporary("refused")),
    "come back much later": Answer(lambda _: Temporary("21611", scope=Scope.RECIPIENT, retry_after=1000)),
    "too many": Answer(lambda _: Temporary("20429", uses_try=False)),
    "wrong number": Answer(lambda _: Permanent("21211")),
    "stop": Answer(lambda _: Permanent("21610")),
    "wrong account": Answer(lambda _: Misconfigured("20003")),
}


@dataclass
class HandOver:
    """One hand-over, from the last check before its first byte to the end of the line."""

    outgoing: Outgoing
    guest_id: int
    seq: int
    lease_until: datetime
    is_open: bool = True

    @property
    def message_id(self) -> int:
        return self.outgoing.message_id


@dataclass
class Taken:
    """A message that the provider has."""

    hand: HandOver
    provider_id: str
    at: datetime
    answer: Answer
    step: int = 0  # How much of its fate has come to pass.

    @property
    def was_too_late(self) -> bool:
        """Whether its worker was frozen, between its last check and the first byte, until its lease was over."""
        return self.at >= self.hand.lease_until

    @property
    def status(self) -> str:
        return self.answer.fate[self.step]


@dataclass
class Truth:
    """All three channels' provider."""

    time: MovedTime
    hands: list[HandOver] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    shows_its_list: bool = True
    usual: Answer = field(default_factory=lambda: ANSWERS["accepted"])  # Where a test chooses none for a hand-over.
    well: set[ChannelName] = field(default_factory=set)  # These accept everything, whatever is usual.
    retried: dict[int, int] = field(default_factory=dict)  # Message id: so much was taken before a person said again.
    stepped_aside: set[int] = field(default_factory=set)

    def channels(self) -> Channels:
        book = {name: ModelChannel(name, self) for name in ChannelName}
        return Channels(live=book, sandbox=book)

    def answer_of(self, channel: ChannelName) -> Answer:
        """How a hand-over is treated for which no test has chosen."""
        return ANSWERS["accepted"] if channel in self.well else self.usual

    def begin(self, outgoing: Outgoing, must_end: datetime) -> HandOver:
        """The first byte may go out from now on: is this hand-over one that was promised?"""
        row = _row(outgoing.message_id)
        if row.status != "sending" or row.token != outgoing.token:
            self.broken.append(f"message {row.id} is handed over while it is {row.status}, and not by its holder")
        lease_until = row.lease_until or self.time.now
        if must_end > lease_until + CLOCKS_DRIFT:
            self.broken.append(f"message {row.id} is handed over with too little of its lease left")
        hand = HandOver(outgoing, row.guest_id, row.seq, lease_until)
        for other in self.hands:
            if other.is_open and other.guest_id == row.guest_id and other.lease_until > self.time.now:
                self.broken.append(f"messages {other.message_id} and {row.id} of one guest are in the air together")
            overtakes = other.guest_id == row.guest_id and other.seq > row.seq and self._same_way(other, hand)
            if overtakes and row.id not in self.stepped_aside and row.id not in self.retried:
                self.broken.append(f"message {row.id} is handed over after the later {other.message_id}")
        self.hands.append(hand)
        return hand

    @staticmethod
    def _same_way(one: HandOver, other: HandOver) -> bool:
        return one.outgoing.channel is other.outgoing.channel

    def take(self, hand: HandOver, answer: Answer) -> str:
        """Keep it; was the guest to get it (again)?"""
        this = Taken(hand, f"SM{hand.outgoing.token}", self.time.now, answer)
        forgiven = self.retried.get(hand.message_id, 0)
        before = [t for t in self.taken[forgiven:] if t.hand.message_id == hand.message_id]
        bad = [t for t in before if not (t.was_too_late or this.was_too_late or self._was_looked_for(t))]
        if bad and not (hand.outgoing.channel is ChannelName.EMAIL and len(before) == 1 and _was_cut(bad[0])):
            self.broken.append(f"message {hand.message_id} was taken twice")
        self.taken.append(this)
        return this.provider_id

    @staticmethod
    def _was_looked_for(taken: Taken) -> bool:
        """Whether two good looks at a list that hides it are what sent it again: it is said in the documents."""
        attempt = _attempt(taken.hand.outgoing.token)
        return taken.answer.is_hidden and attempt.good_looks >= 2

    def of_message(self, message_id: int) -> list[Taken]:
        return [taken for taken in self.taken if taken.hand.message_id == message_id]

    def list_for(self, outgoing: Outgoing) -> list[Sighting]:
        """What the list shows of an address, with the booking's reference, since ten minutes before the attempt."""
        since = outgoing.started_at - timedelta(minutes=10)
        return [
            Sighting(taken.provider_id, taken.status)
            for taken in self.taken
            if (taken.hand.outgoing.channel, taken.hand.outgoing.to) == (outgoing.channel, outgoing.to)
            and taken.hand.outgoing.reference == outgoing.reference
            and taken.at >= since
            and not taken.answer.is_hidden
        ]


def _row(message_id: int) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(select(Message.__table__).where(Message.id == message_id)).one()


def _attempt(token: str) -> Any:
    with db.engine.connect() as connection:
        return connection.execute(select(Attempt.__table__).where(Attempt.token == token)).one()


def _was_cut(taken: Taken) -> bool:
    return _attempt(taken.hand.outgoing.token).outcome == "unknown"


@dataclass
class ModelChannel:
    """One channel to that provider; a call parks before each step."""

    name: ChannelName
    truth: Truth
    provider: str = "model"

    @property
    def deadline(self) -> float:
        return 75.0 if self.name is ChannelName.EMAIL else 20.0

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Take it or not, as the test says at the second point."""
        must_end = self.truth.time.now + timedelta(seconds=self.deadline)
        park("connecting")
        if self.truth.time.now >= must_end:
            return Temporary("deadline")  # As the real channels do: the line is shut at the deadline.
        before_body()
        hand = self.truth.begin(outgoing, must_end)
        try:
            answer: Answer = park("before the first byte") or self.truth.answer_of(self.name)
            provider_id = self.truth.take(hand, answer) if answer.takes else ""
            park("answered")
            return answer.outcome(provider_id)
        finally:
            hand.is_open = False

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:
        park("about to look")
        seen = self.truth.list_for(outgoing) if self.truth.shows_its_list and self.name.can_look_up else None
        park("has looked")
        return seen

    def ask(self, provider_id: str) -> Sighting | None:
        park("about to ask")
        found = next((t for t in self.truth.taken if t.provider_id == provider_id), None)
        seen = Sighting(provider_id, found.status) if found else None
        park("has asked")
        return seen

    def check_credentials(self) -> str:
        return ""
