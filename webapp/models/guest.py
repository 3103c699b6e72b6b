"""Guests, each with a lane of messages that go out one by one, and addresses that opted out."""

import re
from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName
from webapp.models.types import ChannelWord, partial

# WhatsApp knows some phones by their number before or after their country's change. Each pair is a pattern of E.164 and
# the other spelling. Source: https://github.com/chatwoot/chatwoot/issues/5840 and 13986.
_OTHER_SPELLINGS = (
    (r"\+521([0-9]{10})", r"+52\1"), (r"\+52([2-9][0-9]{9})", r"+521\1"),  # Mexico's 1, dropped in 2019.
    (r"\+549([0-9]{10})", r"+54\1"), (r"\+54([1-8][0-9]{9})", r"+549\1"),  # Argentina's 9, in calls from abroad.
    (r"\+55([1-9][0-9])9([0-9]{8})", r"+55\1\2"),  # Brazil's ninth digit, added 2012-2016.
    (r"\+55([1-9][0-9])([0-9]{8})", r"+55\g<1>9\2"),
    (r"\+22901([0-9]{8})", r"+229\1"), (r"\+229([2-9][0-9]{7})", r"+22901\1"),  # Benin's 01, added in 2024.
)  # fmt: skip


def spellings(address: str, channel: ChannelName) -> list[str]:
    """Returns every spelling of a phone on a channel, the given one first."""
    if not channel.has_other_spellings:
        return [address]
    found = (re.fullmatch(pattern, address) and re.sub(pattern, other, address) for pattern, other in _OTHER_SPELLINGS)
    return [address, *(other for other in found if other)]


class Guest(Model):
    """One lane, known by the phone, else by the e-mail; lanes are never merged. Two people on one phone share it.

    Messages take the name and the address from the booking.
    """

    __tablename__ = "guest"
    __table_args__ = (
        Index("uq_guest_phone", "phone", unique=True),
        partial("uq_guest_email", "email", where="phone IS NULL", unique=True),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    email: Mapped[str | None] = mapped_column(String(254))  # lower case
    # The sequence number that the guest's next message takes, by an UPDATE of this row.
    next_seq: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())


class OptOut(Model):
    """An address that opted out of one channel. Each spelling has a row, so that a look-up is exact."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[ChannelName] = mapped_column(ChannelWord)
    address: Mapped[str] = mapped_column(String(254))
    source: Mapped[str] = mapped_column(String(40))  # The provider's code, or who recorded it.
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
