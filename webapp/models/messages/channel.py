"""The state of each channel: open, or closed by somebody or something."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import UtcDateTime
from webapp.extensions import Model
from webapp.models.names import ChannelName
from webapp.models.types import ChannelWord, word


class PauseKind(StrEnum):
    """Who closed the channel, and who opens it."""

    BY_HAND = "by_hand"  # A person resumes it.
    BREAKER = "breaker"  # A probe that works resumes it.
    MISCONFIGURED = "misconfigured"  # A probe too: every five minutes and when a worker starts.
    OLDER_DATABASE = "older_database"  # An admin who has looked at what may go out twice.


class ChannelState(Model):
    """One row for each channel. It is open if `paused_until` is null; after that moment one probe may try."""

    __tablename__ = "channel"

    name: Mapped[ChannelName] = mapped_column(ChannelWord, primary_key=True)
    paused_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    pause_kind: Mapped[PauseKind | None] = mapped_column(word(PauseKind))
    why: Mapped[str] = mapped_column(String(500), default="")
    paused_by: Mapped[str] = mapped_column(String(200), default="")
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failures_in_row: Mapped[int] = mapped_column(default=0)
    pause_seconds: Mapped[float] = mapped_column(default=0)  # How long the next pause of the breaker lasts.
    next_send_at: Mapped[datetime | None] = mapped_column(
        UtcDateTime
    )  # The sender's rate allows the next message then.

    @property
    def is_paused(self) -> bool:
        return self.paused_until is not None
