"""What guests write back by SMS or WhatsApp."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.bookings.booking import Booking
from webapp.models.names import ChannelName
from webapp.models.types import ChannelWord, partial


class Reply(Model):
    """One inbound text, kept once however often the provider reports it."""

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
    # The booking that its sender was last written to about; null where we know no such number.
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("booking.id"))
    handled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handled_by: Mapped[str] = mapped_column(String(200), default="")

    booking: Mapped[Booking | None] = relationship()
