"""What the delivery board shows of a booking: its newest news, with the channels that tell it side by side."""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import defer

from webapp import clock
from webapp.extensions import db
from webapp.models import Booking, ChannelName, Event, Message
from webapp.services.board.listing import UNSHOWN


@dataclass(frozen=True)
class Told:
    """A booking, and how far its guest was told of one event. A test message has no booking."""

    message: Message  # The newest that the list asks for: the row stands in its place.
    cells: Mapping[ChannelName, Message]  # Each channel's newest about the event.
    later: Event | None = None  # What the guest was told of after it.
    failed_besides: int = 0  # Failures about other events that nobody has resolved.

    @property
    def booking(self) -> Booking | None:
        return self.message.booking

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is likely to happen to it, so that a page may stop asking."""
        moment = clock.now()
        return all(message.is_settled(moment) for message in self.cells.values())

    @property
    def stamp(self) -> str:
        """Changes when the row does, so that a poll need not bring again what a page shows already."""
        moment = clock.now()
        seen = [
            (m.id, m.status, m.attempts_made, m.tries_used, m.error_code, m.due_at, m.resolved_at,
             m.is_settled(moment), m.lease_until is not None and m.lease_until < moment)
            for m in self.cells.values()
        ]  # fmt: skip
        return f"{zlib.crc32(repr([seen, self.later, self.failed_besides]).encode()):08x}"


def single(messages: Sequence[Message]) -> list[Told]:
    """A row for each of these messages alone."""
    return [Told(message, {message.channel: message}) for message in messages]


def of_bookings(messages: Sequence[Message]) -> list[Told]:
    """A row for the booking of each of these messages, in their order."""
    told = _all_messages({m.booking_id for m in messages if m.booking_id})
    return [_row(message, told[message.booking_id] if message.booking_id else [message]) for message in messages]


def _all_messages(ids: Iterable[int]) -> dict[int, list[Message]]:
    """All messages of these bookings, oldest first."""
    found: dict[int, list[Message]] = defaultdict(list)
    wanted = select(Message).where(Message.booking_id.in_(sorted(ids))).order_by(Message.id)
    for message in db.session.scalars(wanted.options(*map(defer, UNSHOWN))):
        found[message.booking_id or 0].append(message)
    return found


def _row(message: Message, told: Sequence[Message]) -> Told:
    event = message.event
    cells = {m.channel: m for m in told if m.event is event}
    newest = told[-1].event
    shown = {m.id for m in cells.values()}
    besides = sum(m.is_unresolved for m in told if m.id not in shown)
    in_order = {channel: cells[channel] for channel in ChannelName if channel in cells}
    return Told(message, in_order, newest if newest is not event else None, besides)
