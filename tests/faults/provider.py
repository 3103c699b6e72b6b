"""A provider that takes, refuses or breaks off as told, and shows honestly what it took."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from tests.support.scripted import Post, Scripted
from webapp.channels.base import Accepted, Outcome, Outgoing, Permanent, Scope, Sighting, Temporary, Unknown
from webapp.models import ChannelName


class Way(StrEnum):
    """What the provider does with the first hand-over. Those after it are taken, but a number is refused each time."""

    TAKES = "takes it"
    BUSY = "says that it is busy"
    REFUSES = "refuses the number"
    SILENT = "takes it, and its answer is lost"
    LOST = "never gets it, and says nothing"


@dataclass
class Honest(Scripted):
    """One channel."""

    way: Way = Way.TAKES
    taken: list[Outgoing] = field(default_factory=list)

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:
        """Do as told."""
        before_body()
        way = self.way
        self.way = way if way is Way.REFUSES else Way.TAKES
        if way in (Way.TAKES, Way.SILENT):
            self.taken.append(outgoing)
        answers: dict[Way, Outcome] = {
            Way.TAKES: Accepted(f"SM{outgoing.token}"),
            Way.BUSY: Temporary("20503", scope=Scope.RECIPIENT),
            Way.REFUSES: Permanent("21211"),
        }
        return answers.get(way, Unknown("no answer", "timeout"))

    def find(self, outgoing: Outgoing) -> list[Sighting] | None:
        """All that it took for this number."""
        return [Sighting(f"SM{one.token}", "sent") for one in self.taken if one.to == outgoing.to]


def honest() -> Post:
    """All three channels."""
    return Post(*(Honest(name) for name in ChannelName))
