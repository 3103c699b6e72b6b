"""Rows of the delivery board: a booking's newest messages, its channels side by side."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from webapp import clock
from webapp.models import Booking, ChannelName, Event, Message
from webapp.services.messages import reached


@dataclass(frozen=True)
class BoardRow:
    """A booking and its messages about one event. A test message has no booking."""

    message: Message  # The newest match of the list: the row is shown in its place.
    cells: Mapping[ChannelName, Message]  # Each channel's newest message about the event.
    later: Event | None = None  # A later event that the guest has messages about.
    failed_besides: int = 0  # Failures about other events that left the guest without their news.

    @property
    def booking(self) -> Booking | None:
        return self.message.booking

    @property
    def is_settled(self) -> bool:
        """Whether nothing more is likely to happen: a page may stop asking."""
        moment = clock.now()
        return all(message.is_settled(moment) for message in self.cells.values())

    @property
    def stamp(self) -> str:
        """Changes when the row does, so that a poll sends only rows that have changed."""
        moment = clock.now()
        seen = [
            (m.id, m.status, m.attempts_made, m.tries_used, m.error_code, m.due_at, m.resolved_at,
             m.is_settled(moment), reached.is_lost(m), m.lease_until is not None and m.lease_until < moment)
            for m in self.cells.values()
        ]  # fmt: skip
        return f"{zlib.crc32(repr([seen, self.later, self.failed_besides]).encode()):08x}"


def single(messages: Sequence[Message]) -> list[BoardRow]:
    """Returns a row for each message alone."""
    return [BoardRow(message, {message.channel: message}) for message in messages]


def of_bookings(messages: Sequence[Message]) -> list[BoardRow]:
    """Returns a row for the booking of each message, in their order; the bookings' messages must be loaded."""
    return [_row(message, message.booking.messages if message.booking else [message]) for message in messages]


def _row(message: Message, others: Sequence[Message]) -> BoardRow:
    event = message.event
    cells = {m.channel: m for m in others if m.event is event}
    newest = others[-1].event
    shown = {m.id for m in cells.values()}
    besides = sum(reached.is_lost(m) for m in others if m.id not in shown)
    in_order = {channel: cells[channel] for channel in ChannelName if channel in cells}
    return BoardRow(message, in_order, newest if newest is not event else None, besides)
