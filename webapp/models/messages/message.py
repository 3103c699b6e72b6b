"""Messages: one text to one guest on one channel about one event, with the indexes of the lanes."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.bookings.booking import Booking
from webapp.models.names import ChannelName, Event
from webapp.models.types import ChannelWord, partial, word


class MessageStatus(StrEnum):
    """Where a message stands; docs/architecture.md draws what may follow."""

    WAITING = "waiting"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    SKIPPED = "skipped"


OPEN = (MessageStatus.WAITING, MessageStatus.SENDING, MessageStatus.UNCERTAIN)
ARRIVED = (MessageStatus.DELIVERED, MessageStatus.READ)
TAKEN = (MessageStatus.SENT, *ARRIVED)
# The columns of a failure that nobody has closed.
NOT_CLOSED = {"resolved_at": None, "resolved_by": "", "resolved_note": "", "resolved_how": ""}
# Receipts usually come within seconds. A page stops asking after so long.
RECEIPT_PATIENCE = timedelta(minutes=15)
FALLING_BACK = "falls_back IS TRUE AND status = 'failed'"  # SQLite matches an index to exactly these words.


class Message(Model):
    """One text to one guest. This row is the truth; the queue only says that there may be work."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("guest_id", "seq"),
        # The database forbids two hand-overs at once for one guest.
        partial("one_sending", "guest_id", where="status = 'sending'", unique=True),
        partial("open_lane", "guest_id", "channel", "seq", where="status IN ('waiting', 'sending', 'uncertain')"),
        # Without this index SQLite reads the whole backlog for each claim.
        partial("lane_next", "guest_id", "seq", where="status = 'waiting'"),
        partial("due", "due_at", where="status = 'waiting'"),
        partial("leased", "lease_until", where="status = 'sending'"),
        partial("expiring", "expires_at", where="status = 'waiting'"),
        partial("failures", "id", where="status = 'failed' AND resolved_at IS NULL"),
        Index("ix_message_status_id", "status", "id"),
        Index("ix_message_channel_id", "channel", "id"),
        Index("ix_message_event_id", "event", "id"),
        # The hourly tallies, and dates on the board.
        Index("ix_message_first_due_at", "first_due_at"),
        partial("failures_by_cause", "channel", "error_code", "id", where="status = 'failed' AND resolved_at IS NULL"),
        partial("falling_back", "id", where=FALLING_BACK),
        partial("fallbacks", "fallback_of_id", where="fallback_of_id IS NOT NULL"),
        partial("mailed", "mail_id", where="mail_id <> ''"),  # A bounce names the Message-ID.
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id"))
    seq: Mapped[int]  # The guest's own counter; commit order is sequence order.
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"), index=True)
    act_id: Mapped[int | None] = mapped_column(ForeignKey("audit.id"), index=True)  # What caused it; undo's handle.
    event: Mapped[Event] = mapped_column(word(Event))
    channel: Mapped[ChannelName] = mapped_column(ChannelWord)
    language: Mapped[str] = mapped_column(String(10))
    to: Mapped[str] = mapped_column("to_address", String(254))
    reference: Mapped[str] = mapped_column(String(40))  # The booking's; look-ups search the provider's list for it.

    # Rendered and frozen when the message was made.
    subject: Mapped[str] = mapped_column(String(900), default="")
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    content_sid: Mapped[str] = mapped_column(String(34), default="")
    content_variables: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    mail_id: Mapped[str] = mapped_column(String(200), default="")  # Message-ID, the same on every try.
    simulated: Mapped[bool] = mapped_column(default=False)

    # Parts that a provider charges for; more than 1 for SMS alone.
    segments: Mapped[int] = mapped_column(default=1, server_default="1")
    # Of the request that caused it: in every log line.
    trace_id: Mapped[str] = mapped_column(String(32), default="", server_default="")
    # A guest who cannot be reached on this channel is told on the next of the event's order, once.
    falls_back: Mapped[bool] = mapped_column(default=False, server_default=false())
    fallback_of_id: Mapped[int | None] = mapped_column(BigId)  # The failed message in whose place this one went out.

    status: Mapped[MessageStatus] = mapped_column(word(MessageStatus), default=MessageStatus.WAITING)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # Stays: a guest's wait counts from it.
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token: Mapped[str | None] = mapped_column(String(32))  # The newest attempt's: the fence.
    attempts_made: Mapped[int] = mapped_column(default=0)  # Only grows.
    tries_used: Mapped[int] = mapped_column(default=0)  # What the schedule counts; a retry by hand resets it.
    stepped_aside: Mapped[bool] = mapped_column(default=False)  # Holds back no later message.
    error_code: Mapped[str] = mapped_column(String(60), default="")
    error_detail: Mapped[str] = mapped_column(String(500), default="")
    went_out_twice: Mapped[bool] = mapped_column(default=False)
    retried_by: Mapped[str] = mapped_column(String(200), default="")

    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resolved_by: Mapped[str] = mapped_column(String(200), default="")
    resolved_note: Mapped[str] = mapped_column(String(500), default="")
    # How the guest was told instead, a word of TOLD; empty: nobody had to.
    resolved_how: Mapped[str] = mapped_column(String(16), default="", server_default="")

    booking: Mapped[Booking | None] = relationship(back_populates="messages")
    attempts: Mapped[list[Any]] = relationship("Attempt", back_populates="message", order_by="Attempt.number")

    # Read only: a failed message and the one that went out in its place.
    stands_in_for: Mapped["Message | None"] = relationship(
        primaryjoin="foreign(Message.fallback_of_id) == remote(Message.id)", viewonly=True
    )
    stood_in_by: Mapped["Message | None"] = relationship(
        primaryjoin="Message.id == foreign(remote(Message.fallback_of_id))", viewonly=True, uselist=False
    )

    @property
    def is_open(self) -> bool:
        """Returns whether it may still be handed over."""
        return self.status in OPEN

    @property
    def was_taken(self) -> bool:
        """Returns whether the provider took it, as far as is known now."""
        return self.status in TAKEN

    @property
    def can_retry(self) -> bool:
        return self.status is MessageStatus.FAILED

    @property
    def is_unresolved(self) -> bool:
        """Returns whether it failed and nobody has resolved that."""
        return self.status is MessageStatus.FAILED and self.resolved_at is None

    @property
    def expects_receipt(self) -> bool:
        """Returns whether a receipt may still come."""
        return self.status is MessageStatus.SENT and self.channel.has_receipts

    def is_settled(self, moment: datetime) -> bool:
        """Returns whether nothing more is likely to happen to it, so that a page may stop asking."""
        waits_for_receipt = self.expects_receipt and self.sent_at and moment - self.sent_at < RECEIPT_PATIENCE
        return not self.is_open and not waits_for_receipt
