"""Hourly counts of messages, so that no page counts the whole table."""

from datetime import datetime

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import UtcDateTime
from webapp.extensions import Model
from webapp.models.names import ChannelName, Event
from webapp.models.types import ChannelWord, word


class HourTally(Model):
    """The messages that first fell due in one hour, by channel and event. A count replaces the one before."""

    __tablename__ = "hour_tally"

    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    channel: Mapped[ChannelName] = mapped_column(ChannelWord, primary_key=True)
    event: Mapped[Event] = mapped_column(word(Event), primary_key=True)
    made: Mapped[int] = mapped_column(default=0)
    open: Mapped[int] = mapped_column(default=0)
    sent: Mapped[int] = mapped_column(default=0)  # Taken by the provider, those that arrived included.
    delivered: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    retried: Mapped[int] = mapped_column(default=0)  # More than one attempt.
    in_time: Mapped[int] = mapped_column(default=0)  # Taken within 10 s of falling due.
    segments: Mapped[int] = mapped_column(default=0)  # SMS parts that a real provider took.
    # How many were sent within so many seconds: a count for each of webapp.services.figures.rollup_sql.BOUNDS.
    waits: Mapped[list[int]] = mapped_column(JSON, default=list)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)  # When it was counted.
