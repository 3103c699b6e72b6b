"""The channel that is switched off."""

from collections.abc import Callable

from webapp.channels.base import Channel, Outcome, Outgoing, Permanent, Scope
from webapp.models.names import ChannelName


class OffChannel(Channel):
    """Refuses each message. It never pauses, since nothing is wrong."""

    provider = "off"
    deadline = 1.0

    def __init__(self, name: ChannelName) -> None:
        self.name = name

    def send(self, outgoing: Outgoing, before_body: Callable[[], None]) -> Outcome:  # noqa: ARG002 - the protocol's
        """Refuse."""
        return Permanent("provider_off", "This channel is switched off.", Scope.CHANNEL)

    def check_credentials(self) -> str:
        """Say that it is off."""
        return "This channel is switched off."
