"""What admins set: their texts with the history of each, WhatsApp's approved templates, the order of channels."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName, Event
from webapp.models.types import ChannelWord, word


class TextVersion(Model):
    """One version of a text. The newest of its event, channel and language is in force."""

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


class WhatsAppTemplate(Model):
    """The approved template of an event and language. Without one a live WhatsApp message fails."""

    __tablename__ = "whatsapp_template"
    channel = ChannelName.WHATSAPP  # The one that it is for: no column.
    __table_args__ = (UniqueConstraint("event", "language"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    event: Mapped[Event] = mapped_column(word(Event))
    language: Mapped[str] = mapped_column(String(10))
    content_sid: Mapped[str] = mapped_column(String(34))
    variables: Mapped[list[str]] = mapped_column(JSON)  # Names of placeholders, in the template's order.


# What a new installation is offered: e-mail is in no order, so it goes out beside it.
PROPOSED_ORDER = (ChannelName.WHATSAPP, ChannelName.SMS)


class FallbackOrder(Model):
    """An event's order of channels: the first that a guest agreed to is used, the next only if it fails for good."""

    __tablename__ = "fallback_order"

    event: Mapped[Event] = mapped_column(word(Event), primary_key=True)
    channels: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now(), onupdate=now())
    by: Mapped[str] = mapped_column("set_by", String(200))
