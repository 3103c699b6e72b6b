"""Addresses that asked not to be written to, by channel."""

from sqlalchemy import delete, select

from webapp.extensions import db
from webapp.models import ChannelName, OptOut, spellings

CODES = ("21610",)  # The provider's codes that say that the guest opted out.


def record(channel: ChannelName, address: str, source: str) -> None:
    """Record, inside the current write transaction, that a phone or mailbox opted out, in each of its spellings.

    So the claim, which asks for exactly the address that it writes to, needs no rule about spellings. Repeats change
    nothing.
    """
    known = {stop.address for stop in _stops(channel, address)}
    for spelling in spellings(address, channel):
        if spelling not in known:
            db.session.add(OptOut(channel=channel, address=spelling, source=source))


def is_recorded(channel: ChannelName, address: str) -> bool:
    """Whether a phone or mailbox opted out, in any spelling."""
    return bool(_stops(channel, address))


def withdraw(channel: ChannelName, address: str) -> None:
    """Forget, inside the current write transaction, that a phone or mailbox opted out."""
    same = OptOut.address.in_(spellings(address, channel))
    db.session.execute(delete(OptOut).where(OptOut.channel == channel, same))


def _stops(channel: ChannelName, address: str) -> list[OptOut]:
    same = OptOut.address.in_(spellings(address, channel))
    return list(db.session.scalars(select(OptOut).where(OptOut.channel == channel, same)))
