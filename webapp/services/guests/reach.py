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
    """Whether a guest hears by a channel, and if not, why; the guest's own wish comes first."""

    OPTED_OUT = "opted_out"
    NOT_AGREED = "not_agreed"
    NO_ADDRESS = "no_address"
    OFF = "provider_off"
    AGREED = "agreed"


class Contact(Protocol):
    """A booking, or a form that will be one."""

    @property
    def phone(self) -> str | None: ...
    @property
    def email(self) -> str | None: ...
    @property
    def channels(self) -> Collection[str] | None: ...


@dataclass(frozen=True)
class Reach:
    """How one channel reaches the guest of a booking."""

    channel: ChannelName
    state: State
    address: str
    provider: str
    names: bool | None  # Whether the booking names the channel; None: it names none, so all are agreed.
    opt_out: OptOut | None

    @property
    def is_open(self) -> bool:
        """Whether a message can go out there now."""
        return self.state is State.AGREED

    @property
    def is_agreed(self) -> bool:
        return self.names is not False

    @property
    def gets_message(self) -> bool:
        """Whether an act makes a message for it. One that cannot go out is skipped with its reason, never silently."""
        return self.is_agreed and bool(self.address) and (self.names or self.provider != "off")


def find(contacts: Sequence[Contact]) -> list[list[Reach]]:
    """Returns for each contact what each channel is to it; one query for all."""
    addresses = {address for contact in contacts for address in (contact.phone, contact.email) if address}
    stops = db.session.scalars(select(OptOut).where(OptOut.address.in_(addresses)))
    opt_outs = {(stop.channel, stop.address): stop for stop in stops}
    return [[_reach(contact, channel, opt_outs) for channel in ChannelName] for contact in contacts]


def _reach(contact: Contact, channel: ChannelName, opt_outs: dict[tuple[ChannelName, str], OptOut]) -> Reach:
    address = getattr(contact, channel.address_field) or ""
    provider = "sandbox" if getattr(contact, "is_demo", False) else current().provider(channel)
    names = None if contact.channels is None else channel in contact.channels
    opt_out = opt_outs.get((channel, address))
    if opt_out:
        state = State.OPTED_OUT
    elif names is False:
        state = State.NOT_AGREED
    elif not address:
        state = State.NO_ADDRESS
    else:
        state = State.OFF if provider == "off" else State.AGREED
    return Reach(channel, state, address, provider, names, opt_out)
