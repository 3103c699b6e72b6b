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
    """The acts that the audit log knows."""

    BOOKING_CREATED = "booking_created"
    BOOKING_CONFIRMED = "booking_confirmed"
    BOOKING_DECLINED = "booking_declined"
    BOOKING_CANCELLED = "booking_cancelled"
    BOOKING_CHANGED = "booking_changed"
    BOOKING_COMPLETED = "booking_completed"
    BOOKING_NO_SHOW = "booking_no_show"
    BOOKING_REOPENED = "booking_reopened"
    BOOKINGS_IMPORTED = "bookings_imported"
    BOOKINGS_EXPORTED = "bookings_exported"
    NOTE_ADDED = "note_added"
    REPLY_HANDLED = "reply_handled"
    PAYMENT_SUBMITTED = "payment_submitted"
    PAYMENT_VERIFIED = "payment_verified"
    PAYMENT_REJECTED = "payment_rejected"
    PAYMENT_REVERSED = "payment_reversed"
    STATEMENT_IMPORTED = "statement_imported"
    UNDONE = "undone"
    MESSAGE_RETRIED = "message_retried"
    MESSAGE_SENT_AFRESH = "message_sent_afresh"
    MESSAGE_RESOLVED = "message_resolved"
    MESSAGE_REOPENED = "message_reopened"
    MESSAGES_RETRIED = "messages_retried"
    MESSAGES_RESOLVED = "messages_resolved"
    MESSAGES_REOPENED = "messages_reopened"
    MESSAGES_EXPORTED = "messages_exported"
    FALLBACK_CHANGED = "fallback_changed"
    CHANNEL_PAUSED = "channel_paused"
    CHANNEL_RESUMED = "channel_resumed"
    OLDER_DATABASE_NOTICED = "older_database_noticed"
    OLDER_DATABASE_RELEASED = "older_database_released"
    WORKER_STOPPED = "worker_stopped"
    QUEUE_RUNG = "queue_rung"
    REPLY_KEYS_DROPPED = "reply_keys_dropped"
    OPTED_OUT = "opted_out"
    OPTED_IN = "opted_in"
    TEST_SENT = "test_sent"
    TEXT_CHANGED = "text_changed"
    SETTINGS_CHANGED = "settings_changed"
    PERSON_ADDED = "person_added"
    PERSON_CHANGED = "person_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105  # The name of an act.
    SESSIONS_ENDED = "sessions_ended"
    KEY_CREATED = "key_created"
    KEY_REVOKED = "key_revoked"


class Audit(Model):
    """One act of somebody."""

    __tablename__ = "audit"
    __table_args__ = (
        Index("ix_audit_booking_id_id", "booking_id", "id"),
        Index("ix_audit_action_id", "action", "id"),
        Index("ix_audit_user_id_id", "user_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    actor: Mapped[str] = mapped_column(String(200))  # A name as staff read it: a person, an API key, Bellhop.
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    action: Mapped[Action] = mapped_column(word(Action))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    message_id: Mapped[int | None]  # No foreign key: messages point here.
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # One rendered form makes one act: a double click finds the first result by this.
    form_key: Mapped[str | None] = mapped_column(String(64), unique=True)
