"""Rows by which processes share work and tell that they live."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName
from webapp.models.types import word

# A worker that has not been seen for so long is taken for dead.
ALIVE_SECONDS = 15.0


class DutyLease(Model):
    """Who does a duty now, and when it was done last."""

    __tablename__ = "duty"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120), default="")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")


class WorkerRow(Model):
    """A worker's heartbeat, written by its housekeeper: right with Redis down too."""

    __tablename__ = "worker"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    pool: Mapped[str] = mapped_column(String(16))
    concurrency: Mapped[int]
    version: Mapped[str] = mapped_column(String(40), default="")
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    stopped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    active: Mapped[int] = mapped_column(default=0)  # Hand-overs in hand.
    longest_call: Mapped[float] = mapped_column(default=0)  # Seconds of the oldest of them.
    done: Mapped[int] = mapped_column(default=0)  # Hand-overs since the start.


class SandboxMessage(Model):
    """What the sandbox took instead of a provider; nothing left the machine."""

    __tablename__ = "sandbox_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[ChannelName] = mapped_column(word(ChannelName))
    to: Mapped[str] = mapped_column("to_address", String(254))
    subject: Mapped[str] = mapped_column(String(900), default="")
    body: Mapped[str] = mapped_column()
    html: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    reference: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(24), default="queued")
    next_step_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
