"""Mails that came back for a mail of ours, and that Bellhop could not read."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model


class ReturnedMail(Model):
    """One such mail as text, kept until somebody has looked at it and for KEEP_DAYS."""

    __tablename__ = "returned_mail"
    __table_args__ = (Index("ix_returned_mail_put_away_at_id", "put_away_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256: the same mail twice is kept once.
    content: Mapped[str] = mapped_column(Text)
    message_id: Mapped[int | None]  # No foreign key: a message may go before its mail.
    put_away_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    put_away_by: Mapped[str] = mapped_column(String(200), default="")
