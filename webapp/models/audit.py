"""Who did what, when. Rows are only added."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.types import word


class Action(StrEnum):
    """The acts that are written down."""

    BOOKING_CREATED = "booking_created"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_CANCELLED = "booking_cancelled"
    PAYMENT_SUBMITTED = "payment_submitted"
    PAYMENT_VERIFIED = "payment_verified"
    PAYMENT_REJECTED = "payment_rejected"
    UNDONE = "undone"
    MESSAGE_RETRIED = "message_retried"
    CHANNEL_PAUSED = "channel_paused"
    CHANNEL_RESUMED = "channel_resumed"
    OPTED_OUT = "opted_out"
    TEST_SENT = "test_sent"


class Audit(Model):
    """One act."""

    __tablename__ = "audit"
    __table_args__ = (Index("ix_audit_booking_id_id", "booking_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    actor: Mapped[str] = mapped_column(String(200))  # A name as staff read it: a person, an API key, Bellhop.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[Action] = mapped_column(word(Action))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    message_id: Mapped[int | None]  # No foreign key: messages point here.
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # One rendered form makes one act: a double click finds its first result here.
    form_key: Mapped[str | None] = mapped_column(String(64), unique=True)
