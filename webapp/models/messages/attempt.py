"""Attempts: each is one hand-over of a message to a provider, with all that is known of it; and receipts."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.messages.message import Message
from webapp.models.types import partial, word


class AttemptOutcome(StrEnum):
    """The outcome of a hand-over; null while nobody knows it."""

    ACCEPTED = "accepted"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"
    NOT_BEGUN = "not_begun"  # Given back, or provably died before the first byte.


class ReceiptRank:
    """How far a provider's word takes an attempt; it only moves forward."""

    RANKS: ClassVar[dict[str, int]] = {
        "accepted": 10, "scheduled": 10, "queued": 10, "sending": 20, "sent": 30,
        "failed": 40, "undelivered": 40, "canceled": 40, "delivered": 41, "read": 50,
    }  # fmt: skip
    FAILED = ("failed", "undelivered", "canceled")

    @classmethod
    def of(cls, status: str) -> int:
        """The rank of a provider's word; 0 for one that nobody knows."""
        return cls.RANKS.get(status, 0)


class Attempt(Model):
    """One hand-over. Its random token guards the lane and stands in the callback URL."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("message_id", "number"),
        Index("ix_attempt_provider_id", "provider_id"),
        partial("to_look_up", "next_look_at", where="next_look_at IS NOT NULL"),
        partial("to_ask", "next_ask_at", where="next_ask_at IS NOT NULL"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    number: Mapped[int]
    token: Mapped[str] = mapped_column(String(32), unique=True)
    provider: Mapped[str] = mapped_column(String(16))
    worker: Mapped[str] = mapped_column(String(120), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_probe: Mapped[bool] = mapped_column(default=False)  # Tried whether a paused channel works again.
    body_begun: Mapped[bool] = mapped_column(default=False)  # E-mail: the body's first byte may have gone out.
    outcome: Mapped[AttemptOutcome | None] = mapped_column(word(AttemptOutcome))
    code: Mapped[str] = mapped_column(String(60), default="")
    detail: Mapped[str] = mapped_column(String(500), default="")
    provider_id: Mapped[str | None] = mapped_column(String(120))

    # What the provider said later.
    receipt: Mapped[str] = mapped_column(String(24), default="")
    receipt_rank: Mapped[int] = mapped_column(default=0)
    receipt_code: Mapped[str] = mapped_column(String(60), default="")
    receipt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    looks: Mapped[int] = mapped_column(default=0)
    good_looks: Mapped[int] = mapped_column(default=0)  # The provider answered, and did not show it.
    next_look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    asks: Mapped[int] = mapped_column(default=0)
    next_ask_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    message: Mapped[Message] = relationship(back_populates="attempts")

    @property
    def proves_acceptance(self) -> bool:
        """Returns whether the provider certainly took it, by its answer or by a receipt."""
        return self.outcome is AttemptOutcome.ACCEPTED or self.receipt_rank > 0

    @property
    def was_refused_later(self) -> bool:
        """Returns whether the provider took it and then reported a failure."""
        return self.receipt in ReceiptRank.FAILED


class Receipt(Model):
    """What a provider reported, word for word, even if it changed nothing."""

    __tablename__ = "receipt"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    attempt_id: Mapped[int | None] = mapped_column(ForeignKey("attempt.id"), index=True)
    provider_id: Mapped[str] = mapped_column(String(120), index=True)
    status: Mapped[str] = mapped_column(String(24))
    code: Mapped[str] = mapped_column(String(60), default="")
    source: Mapped[str] = mapped_column(String(16))  # callback, asked or looked up
    moved: Mapped[bool] = mapped_column(default=False)  # Whether it took the attempt forward.
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
