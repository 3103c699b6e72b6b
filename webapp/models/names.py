"""What more than one table names: channels with what kind each is, events, and roles."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal


@dataclass(frozen=True, kw_only=True, eq=False)
class Traits:
    """What kind of channel it is. Code asks for one of these, never for a channel's name."""

    address_field: Literal["phone", "email"]  # The booking's column that holds the address.
    has_receipts: bool  # The provider reports what arrived; else a message ends as taken by it.
    has_read_receipts: bool = False
    can_look_up: bool = True  # The provider can be asked about an unknown outcome; else the start of the body tells.
    has_subject: bool = False  # And an HTML part beside its text.
    has_message_id: bool = False  # Frozen with the text, the same on every try: by it a message is known.
    needs_template: bool = False  # Live messages use templates that the provider approved.
    is_charged_by_part: bool = False
    has_other_spellings: bool = False  # It knows some phones by another number.
    longest_text: int = 1600


class _Listed(type):
    """A class that is walked as an enum is: `for channel in ChannelName`."""

    def __iter__(cls) -> Iterator["ChannelName"]:
        return iter(_CHANNELS.values())

    def __contains__(cls, name: object) -> bool:
        return name in _CHANNELS

    def __len__(cls) -> int:
        return len(_CHANNELS)


class ChannelName(str, Traits, metaclass=_Listed):
    """A way to reach a guest: its name as it is stored, and its traits. `ChannelName("sms")` finds a registered one."""

    SMS: ClassVar["ChannelName"]
    WHATSAPP: ClassVar["ChannelName"]
    EMAIL: ClassVar["ChannelName"]

    def __new__(cls, name: str) -> "ChannelName":
        """Find a channel.

        Raises:
            ValueError: no channel has this name.
        """
        if name not in _CHANNELS:
            raise ValueError(f"{name!r} is no channel.")
        return _CHANNELS[name]

    def __init__(self, name: str) -> None:
        """Leave the channel that was found as it is."""

    @staticmethod
    def register(name: str, traits: Traits) -> "ChannelName":
        """Add a channel, before the app is made."""
        channel = _CHANNELS[name] = str.__new__(ChannelName, name)
        vars(channel).update(vars(traits))
        return channel


_CHANNELS: dict[str, ChannelName] = {}

_SMS = Traits(address_field="phone", has_receipts=True, is_charged_by_part=True)
_WHATSAPP = Traits(
    address_field="phone", has_receipts=True, has_read_receipts=True, needs_template=True, has_other_spellings=True
)
_EMAIL = Traits(
    address_field="email", has_receipts=False, can_look_up=False, has_subject=True, has_message_id=True,
    longest_text=20_000,
)  # fmt: skip
ChannelName.SMS = ChannelName.register("sms", _SMS)
ChannelName.WHATSAPP = ChannelName.register("whatsapp", _WHATSAPP)
ChannelName.EMAIL = ChannelName.register("email", _EMAIL)


class Event(StrEnum):
    """The news that a message tells its guest."""

    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_CHANGED = "booking_changed"
    PAYMENT_VERIFIED = "payment_verified"
    PAYMENT_REJECTED = "payment_rejected"
    PAYMENT_REVERSED = "payment_reversed"
    TEST = "test"


class Role(StrEnum):
    """What a person may do. Each role includes the one before it."""

    FRONT_DESK = "front_desk"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Returns whether this role may do what `needed` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
