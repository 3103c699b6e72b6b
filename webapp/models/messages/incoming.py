"""What comes back: texts that guests write by SMS or WhatsApp, and mails that Bellhop could not read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.bookings.booking import Booking
from webapp.models.names import ChannelName
from webapp.models.types import ChannelWord, partial


class Reply(Model):
    """One text of a guest, stored once however often the provider reports it."""

    __tablename__ = "reply"
    __table_args__ = (
        partial("ix_reply_unhandled", "id", where="handled_at IS NULL"),
        Index("ix_reply_booking_id_id", "booking_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider_id: Mapped[str] = mapped_column(String(64), unique=True)
    channel: Mapped[ChannelName] = mapped_column(ChannelWord)
    sender: Mapped[str] = mapped_column(String(254))  # The guest's number, E.164.
    body: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    # The booking about which its sender last got a message; null if we do not know the number.
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handled_by: Mapped[str] = mapped_column(String(200), default="")

    booking: Mapped[Booking | None] = relationship()


class ReturnedMail(Model):
    """A mail that came back for one of ours and could not be read, kept until somebody looked at it and KEEP_DAYS."""

    __tablename__ = "returned_mail"
    __table_args__ = (Index("ix_returned_mail_put_away_at_id", "put_away_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256: the same mail twice is kept once.
    content: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int | None]  # No foreign key: a message may go before its mail.
    put_away_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    put_away_by: Mapped[str] = mapped_column(String(200), default="")
