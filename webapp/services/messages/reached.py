"""Whether a guest was reached: by any channel, not by each. One rule for pages, lists, counts, alerts and the API.

News is what one act tells a guest about one event, on one channel or several. It reached the guest once one of its
messages arrived. It is lost if messages failed and none arrived or is on its way. It stays lost until somebody tells
the guest or closes each failure, until later news of the same event goes out, or until the booking makes it untrue.
Messages that were not sent on purpose, such as to a guest who opted out, make nothing lost: nobody can mend them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlalchemy.orm import aliased

from webapp.models import ARRIVED, Booking, ChannelName, Event, Message, MessageStatus
from webapp.models.types import literal_words
from webapp.services.audit import BELLHOP
from webapp.services.messages.truth import HOLDS_WHILE, is_superseded

VOID = ("undone", "superseded")
_FAILED, _SKIPPED = literal_words(MessageStatus.FAILED, MessageStatus.SKIPPED)


class Reached(StrEnum):
    """How far the news of a booking came."""

    REACHED = "reached"
    ON_THE_WAY = "on_the_way"
    NOT_REACHED = "not_reached"
    NOTHING = "nothing"  # Nothing was sent, on purpose.


@dataclass(frozen=True)
class News:
    """The messages of the news by which a booking is judged, oldest first, and how far it came."""

    state: Reached
    messages: Sequence[Message]

    @property
    def event(self) -> Event:
        return self.messages[-1].event

    @property
    def arrived(self) -> list[ChannelName]:
        """The channels by which the guest was reached."""
        return list(dict.fromkeys(message.channel for message in self.messages if has_arrived(message)))

    @property
    def ended(self) -> list[Message]:
        """The newest message of each channel by which it did not arrive, and will not."""
        newest = {message.channel: message for message in self.messages}
        return [
            message for message in newest.values() if message.status in (MessageStatus.FAILED, MessageStatus.SKIPPED)
        ]

    @property
    def closed(self) -> Message | None:
        """The failure that a person dealt with, where nothing arrived: the guest was told another way."""
        found = sorted(filter(_is_dealt_with, self.ended), key=_was_told_instead)
        return found[-1] if found and self.state is Reached.REACHED and not self.arrived else None


def of(booking: Booking) -> News | None:
    """Returns the newest lost news of a booking, else its newest; None if the guest was never told anything.

    The booking's messages must be loaded.
    """
    lost = [message for message in booking.messages if is_lost(message)]
    if lost:
        return News(Reached.NOT_REACHED, _same_news(lost[-1], booking))
    told = [message for message in booking.messages if message.error_code not in VOID and _is_true(message, booking)]
    if not told:
        return None
    messages = _same_news(told[-1], booking)
    return News(_state(messages), messages)


def is_lost(message: Message) -> bool:
    """Whether a failure leaves the guest without its news; a test message has no guest. `lost` says it in SQL."""
    booking = message.booking
    return (
        booking is not None
        and message.is_unresolved
        and not message.falls_back
        and _is_true(message, booking)
        and not any(_stands_for(other, message) for other in booking.messages)
    )


def has_arrived(message: Message) -> bool:
    """Whether a message has arrived, as far as we know: one without receipts ends at sent."""
    mailed = not message.channel.has_receipts and message.status is MessageStatus.SENT
    return mailed or message.status in ARRIVED


def arrived() -> ColumnElement[bool]:
    """Returns the condition of a message that has arrived, as `has_arrived` has it."""
    mailed = [channel for channel in ChannelName if not channel.has_receipts]
    return or_(Message.status.in_(ARRIVED), and_(Message.status == MessageStatus.SENT, Message.channel.in_(mailed)))


def lost(row: Any = Message) -> list[ColumnElement[bool]]:
    """Returns the conditions of a lost message, as `is_lost` has them, for something with a message's columns."""
    other = aliased(Message)
    same = or_(other.id > row.id, other.act_id.is_not_distinct_from(row.act_id))
    goes_on = or_(
        other.status.not_in([_FAILED, _SKIPPED]),
        and_(other.status == _FAILED, or_(other.falls_back.is_(True), other.resolved_how != "")),
    )
    of_booking = select(other.id).where(other.booking_id == row.booking_id, other.event == row.event, same, goes_on)
    # SQLite has no statistics, and would read every failure, or all messages of an event.
    told = exists(of_booking.with_hint(other, "INDEXED BY ix_message_booking_id", "sqlite").correlate(row.id.table))
    return [
        row.status == _FAILED,
        row.resolved_at.is_(None),
        row.falls_back.is_(False),
        row.booking_id.is_not(None),
        ~told,
        _holds(row),
    ]


def lost_messages(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Returns the statement that selects columns of lost messages, along the index of unresolved failures."""
    return select(*columns).select_from(Message).with_hint(Message, "INDEXED BY failures", "sqlite").where(*lost())


def bookings() -> Select[int | None]:
    """Returns the statement that selects the bookings whose guests were not reached, some of them more than once."""
    return lost_messages(Message.booking_id)


def _holds(row: Any) -> ColumnElement[bool]:
    """Returns whether the news is still true, by the state of the booking."""
    status = select(Booking.status).where(Booking.id == row.booking_id).correlate(row.id.table).scalar_subquery()
    return case(*((row.event == event, status.in_(states)) for event, states in HOLDS_WHILE.items()), else_=True)


def _is_true(message: Message, booking: Booking) -> bool:
    return not is_superseded(message.event, booking.status)


def _stands_for(other: Message, failed: Message) -> bool:
    """Whether another message may still bring the news of a failed one, or brought it."""
    is_newer = other.event is failed.event and (other.id > failed.id or other.act_id == failed.act_id)
    goes_on = other.status not in (MessageStatus.FAILED, MessageStatus.SKIPPED)
    return is_newer and (goes_on or _falls_back(other) or _was_told_instead(other))


def _same_news(one: Message, booking: Booking) -> list[Message]:
    same = (m for m in booking.messages if m.act_id == one.act_id and m.event is one.event)
    return [message for message in same if message.error_code not in VOID]


def _state(messages: Sequence[Message]) -> Reached:
    """Returns how far news came that is not lost."""
    if any(map(has_arrived, messages)):
        return Reached.REACHED
    if any(m.is_open or m.was_taken or _falls_back(m) for m in messages):
        return Reached.ON_THE_WAY
    return Reached.REACHED if any(map(_is_dealt_with, messages)) else Reached.NOTHING


def _falls_back(message: Message) -> bool:
    """Whether it failed and the next channel is about to be tried."""
    return message.status is MessageStatus.FAILED and message.falls_back


def _was_told_instead(message: Message) -> bool:
    """Whether a person told the guest what this failure could not."""
    return message.status is MessageStatus.FAILED and message.resolved_how != ""


def _is_dealt_with(message: Message) -> bool:
    """Whether a person closed the failure; Bellhop only hands it on to another channel."""
    return message.can_retry and message.resolved_at is not None and message.resolved_by != BELLHOP.name
