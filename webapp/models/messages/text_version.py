"""Message texts that an admin wrote in place of the built-in ones, each with its history."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName, Event
from webapp.models.types import ChannelWord, word


class TextVersion(Model):
    """One version of one text; the newest of its event, channel and language is in force."""

    __tablename__ = "text_version"
    __table_args__ = (Index("ix_text_version_newest", "event", "channel", "language", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[Event] = mapped_column(word(Event))
    channel: Mapped[ChannelName] = mapped_column(ChannelWord)
    language: Mapped[str] = mapped_column(String(10))
    subject: Mapped[str] = mapped_column(String(900), default="")
    body: Mapped[str] = mapped_column(Text, default="")
    is_built_in: Mapped[bool] = mapped_column(default=False)  # Back to the text that came with Bellhop.
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str] = mapped_column(String(200))
