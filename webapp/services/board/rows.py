"""Rows of the delivery board: a booking's newest messages, its channels side by side."""

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
class BoardRow:
    """A booking and its messages about one event. A test message has no booking."""

    message: Message  # The newest match of the list: the row is shown in its place.
    cells: Mapping[ChannelName, Message]  # Each channel's newest message about the event.
    later: Event | None = None  # A later event that the guest has messages about.
    failed_besides: int = 0  # Failures about other events that nobody has resolved.

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
             m.is_settled(moment), m.lease_until is not None and m.lease_until < moment)
            for m in self.cells.values()
        ]  # fmt: skip
        return f"{zlib.crc32(repr([seen, self.later, self.failed_besides]).encode()):08x}"


def single(messages: Sequence[Message]) -> list[BoardRow]:
    """Returns a row for each message alone."""
    return [BoardRow(message, {message.channel: message}) for message in messages]


def of_bookings(messages: Sequence[Message]) -> list[BoardRow]:
    """Returns a row for the booking of each message, in their order."""
    by_booking = _all_messages({m.booking_id for m in messages if m.booking_id})
    return [_row(message, by_booking[message.booking_id] if message.booking_id else [message]) for message in messages]


def _all_messages(ids: Iterable[int]) -> dict[int, list[Message]]:
    """Returns all messages of these bookings, oldest first."""
    found: dict[int, list[Message]] = defaultdict(list)
    query = select(Message).where(Message.booking_id.in_(sorted(ids))).order_by(Message.id)
    for message in db.session.scalars(query.options(*map(defer, UNSHOWN))):
        found[message.booking_id or 0].append(message)
    return found


def _row(message: Message, others: Sequence[Message]) -> BoardRow:
    event = message.event
    cells = {m.channel: m for m in others if m.event is event}
    newest = others[-1].event
    shown = {m.id for m in cells.values()}
    besides = sum(m.is_unresolved for m in others if m.id not in shown)
    in_order = {channel: cells[channel] for channel in ChannelName if channel in cells}
    return BoardRow(message, in_order, newest if newest is not event else None, besides)
