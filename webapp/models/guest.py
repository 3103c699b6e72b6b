"""A guest: the lane in which messages go out one by one, and the addresses that said stop."""

import re
from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName
from webapp.models.types import ChannelWord, partial

# WhatsApp names some phones by a number of its own: before or after their country changed its numbering. Each pair is
# a pattern of E.164 and the same phone's other spelling. Facts: Mexico's 1 behind +52 (dropped in 2019), Argentina's 9
# behind +54 (only in calls to mobiles from abroad), Brazil's ninth digit (added 2012-2016), Benin's 01 (added in 2024);
# reported of WhatsApp in https://github.com/chatwoot/chatwoot/issues/5840 and 13986.
_OTHER_SPELLINGS = tuple(
    (re.compile(pattern), other)
    for pattern, other in (
        (r"\+521([0-9]{10})", r"+52\1"),
        (r"\+52([2-9][0-9]{9})", r"+521\1"),
        (r"\+549([0-9]{10})", r"+54\1"),
        (r"\+54([1-8][0-9]{9})", r"+549\1"),
        (r"\+55([1-9][0-9])9([0-9]{8})", r"+55\1\2"),
        (r"\+55([1-9][0-9])([0-9]{8})", r"+55\g<1>9\2"),
        (r"\+22901([0-9]{8})", r"+229\1"),
        (r"\+229([2-9][0-9]{7})", r"+22901\1"),
    )
)


def spellings(address: str, channel: ChannelName) -> list[str]:
    """Return all the ways in which one phone is written on a channel, the given one first; by SMS only that."""
    if not channel.has_other_spellings:
        return [address]
    found = (re.fullmatch(pattern, address) and pattern.sub(other, address) for pattern, other in _OTHER_SPELLINGS)
    return [address, *(other for other in found if other)]


class Guest(Model):
    """One lane. Known by the phone, or by the e-mail where there is no phone; never merged.

    Two people on one phone share a lane. Names and addresses for messages are the booking's own.
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
    """An address that asked not to be written to on one channel; a row for each spelling, so that a look is exact."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[ChannelName] = mapped_column(ChannelWord)
    address: Mapped[str] = mapped_column(String(254))
    source: Mapped[str] = mapped_column(String(40))  # The provider's code, or who recorded it.
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
