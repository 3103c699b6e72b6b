"""The providers, and the channels of this process."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from webapp.channels.base import Channel
from webapp.channels.email import EmailChannel
from webapp.channels.off import OffChannel
from webapp.channels.sandbox import SandboxChannel, SandboxStore
from webapp.channels.twilio import TwilioChannel
from webapp.models.names import ChannelName
from webapp.settings import Settings

PROVIDERS: dict[str, Callable[[Settings, ChannelName, SandboxStore], Channel]] = {
    "twilio": lambda settings, name, _store: TwilioChannel(settings, name),
    "smtp": lambda settings, _name, _store: EmailChannel(settings),
    "sandbox": SandboxChannel,
    "off": lambda _settings, name, _store: OffChannel(name),
}


def build(settings: Settings, store: SandboxStore) -> dict[ChannelName, Channel]:
    """Make each channel with the provider that the settings name. Nothing is sent or checked."""
    return {name: PROVIDERS[settings.provider(name)](settings, name, store) for name in ChannelName}


@dataclass(frozen=True)
class Channels:
    """The channels of this process: those that the settings name, and the sandbox for demo guests."""

    live: Mapping[ChannelName, Channel]
    sandbox: Mapping[ChannelName, Channel]


def both(settings: Settings, store: SandboxStore) -> Channels:
    """Make the live channels, and a sandbox beside each."""
    return Channels(build(settings, store), {name: SandboxChannel(settings, name, store) for name in ChannelName})
