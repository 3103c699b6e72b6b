"""The enums that more than one table uses: channels and events."""

from enum import StrEnum


class ChannelName(StrEnum):
    """The ways to reach a guest."""

    SMS = "sms"
    WHATSAPP = "whatsapp"
    EMAIL = "email"


class Event(StrEnum):
    """What a message tells its guest."""

    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_CHANGED = "booking_changed"
    PAYMENT_VERIFIED = "payment_verified"
    PAYMENT_REJECTED = "payment_rejected"
    PAYMENT_REVERSED = "payment_reversed"
    TEST = "test"


class Role(StrEnum):
    """What a person may do; each role may do all that the one before it may."""

    FRONT_DESK = "front_desk"
    MANAGER = "manager"
    ADMIN = "admin"

    def covers(self, needed: "Role") -> bool:
        """Whether somebody of this role may do what `needed` may."""
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(needed)
