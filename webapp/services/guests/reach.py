"""By which channels a guest hears of a booking, and why not by the others: one answer for pages and for sending."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import ChannelName, OptOut
from webapp.settings import current


class State(StrEnum):
    """Whether a guest hears by a channel, and if not, why: as messages and pages keep it."""

    OPTED_OUT = "opted_out"
    NOT_AGREED = "not_agreed"
    NO_ADDRESS = "no_address"
    OFF = "provider_off"
    AGREED = "agreed"


class Contact(Protocol):
    """A booking, or a form that will be one; it has the address field of each channel."""

    @property
    def channels(self) -> Collection[str] | None: ...


@dataclass(frozen=True)
class Reach:
    """How one channel reaches the guest of a booking."""

    channel: ChannelName
    address: str
    provider: str
    is_named: bool | None = None  # Whether the booking names the channel; None: it names none, so all are agreed.
    opt_out: OptOut | None = None

    @property
    def state(self) -> State:
        """Whether the guest hears by it, and if not, why; the guest's own wish first."""
        if self.opt_out:
            return State.OPTED_OUT
        if not self.is_agreed:
            return State.NOT_AGREED
        if not self.address:
            return State.NO_ADDRESS
        return State.OFF if self.provider == "off" else State.AGREED

    @property
    def is_open(self) -> bool:
        """Whether a message can go out there now."""
        return self.state is State.AGREED

    @property
    def is_agreed(self) -> bool:
        return self.is_named is not False

    @property
    def gets_message(self) -> bool:
        """Whether an act makes a message for it. One that cannot go out is skipped with its reason, never silently."""
        return self.is_agreed and bool(self.address) and (self.is_named or self.provider != "off")


def find(contacts: Sequence[Contact]) -> list[list[Reach]]:
    """Returns for each contact what each channel is to it; one query for all."""
    fields = {channel.address_field for channel in ChannelName}
    addresses = {address for contact in contacts for field in fields if (address := getattr(contact, field))}
    stops = db.session.scalars(select(OptOut).where(OptOut.address.in_(addresses)))
    opt_outs = {(stop.channel, stop.address): stop for stop in stops}
    return [
        [
            Reach(
                channel=channel,
                address=(address := getattr(contact, channel.address_field) or ""),
                provider="sandbox" if getattr(contact, "is_demo", False) else current().provider(channel),
                is_named=None if contact.channels is None else channel in contact.channels,
                opt_out=opt_outs.get((channel, address)),
            )
            for channel in ChannelName
        ]
        for contact in contacts
    ]
