"""Addresses that asked not to be written to, by channel."""

from collections.abc import Iterable

from sqlalchemy import select

from webapp.extensions import db
from webapp.models import ChannelName, OptOut

CODES = ("21610",)  # The provider's codes that say that the guest opted out.


def find(addresses: Iterable[str]) -> dict[tuple[ChannelName, str], OptOut]:
    """Return the opt-outs of these addresses, by channel and address; one query."""
    stops = db.session.scalars(select(OptOut).where(OptOut.address.in_(set(addresses))))
    return {(stop.channel, stop.address): stop for stop in stops}


def record(channel: ChannelName, address: str, source: str) -> None:
    """Record, inside the current write transaction, that an address opted out. Repeats change nothing."""
    known = select(OptOut.id).where(OptOut.channel == channel, OptOut.address == address)
    if db.session.scalar(known) is None:
        db.session.add(OptOut(channel=channel, address=address, source=source))
