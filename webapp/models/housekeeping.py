"""Rows by which processes share work and show that they are alive, logs, alerts, and the mark of the database."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName
from webapp.models.types import ChannelWord, partial

# A worker that was not seen for so long counts as dead.
ALIVE_SECONDS = 15.0
# Leases that are not duties.
TELLING = "tell_alerts"  # Who tells people about alerts at this moment.
TRIAL = "try_to_write"  # By this row each web process tries whether the database takes writes.
NO_DUTIES = (TELLING, TRIAL)
THE_ONE = 1  # The id of the only row of `database_mark`.


class DutyLease(Model):
    """Who does a duty now, and when it was last done."""

    __tablename__ = "duty"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(120), default="")
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str] = mapped_column(String(500), default="")


class WorkerRow(Model):
    """A worker's heartbeat. Its housekeeper writes it, also while Redis is down."""

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
    stop_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # An admin wants it to stop softly.
    stop_asked_by: Mapped[str] = mapped_column(String(200), default="", server_default="")


class SlotHour(Model):
    """How busy the workers' slots were in one hour, by a sample a minute. It shows whether workers are missing."""

    __tablename__ = "slot_hour"

    hour: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    samples: Mapped[int] = mapped_column(default=0)
    busy_sum: Mapped[int] = mapped_column(default=0)
    busy_max: Mapped[int] = mapped_column(default=0)
    slots_max: Mapped[int] = mapped_column(default=0)
    waiting_max: Mapped[int] = mapped_column(default=0)  # Messages due and not yet in hand.


class Alert(Model):
    """One thing that is wrong. People are told when it begins and when it is over."""

    __tablename__ = "alert"
    # Several processes notice; one of them tells.
    __table_args__ = (partial("one_open_alert", "cause", "subject", where="over_at IS NULL", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    cause: Mapped[str] = mapped_column(String(40))  # A name of webapp.services.alerts.
    subject: Mapped[str] = mapped_column(String(60), default="")  # Which channel or duty, where there are several.
    sentence: Mapped[str] = mapped_column(String(500))
    noticed_by: Mapped[str] = mapped_column(String(120))
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    over_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    over_told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    problem: Mapped[str] = mapped_column(String(500), default="")  # Why it could not be told.


class LogLine(Model):
    """A warning or an error of web or worker, for admins without a terminal."""

    __tablename__ = "log_line"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now(), index=True)
    level: Mapped[str] = mapped_column(String(8))
    process: Mapped[str] = mapped_column(String(120))
    sentence: Mapped[str] = mapped_column(String(300))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # Ids; never a phone, a name or a text.
    reference: Mapped[str] = mapped_column(String(40), default="")  # The booking's.
    trace_id: Mapped[str] = mapped_column(String(32), default="")


class SandboxMessage(Model):
    """A message that the sandbox took in place of a provider."""

    __tablename__ = "sandbox_message"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token: Mapped[str] = mapped_column(String(32), unique=True)
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    channel: Mapped[ChannelName] = mapped_column(ChannelWord)
    to: Mapped[str] = mapped_column("to_address", String(254))
    subject: Mapped[str] = mapped_column(String(900), default="")
    body: Mapped[str] = mapped_column()
    html: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    reference: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(24), default="queued")
    next_step_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())


class DatabaseMark(Model):
    """One row with an epoch that only grows. A higher epoch beside the database shows that this copy is older."""

    __tablename__ = "database_mark"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(32))  # Random; every copy of this database has it too.
    epoch: Mapped[int] = mapped_column(BigInteger, default=0)
    grown_at: Mapped[datetime] = mapped_column(UtcDateTime)
    # The epochs at which workers started, with a random word each: two copies that went on apart differ in these.
    runs: Mapped[list[tuple[int, str]]] = mapped_column(JSON, default=list)

    # While messages are held because an older copy was put back.
    held_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    noticed_by: Mapped[str] = mapped_column(String(120), default="", server_default="")
    lost_epoch: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default="0"
    )  # The highest one beside the database.
    lost_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # When that was written.

    def run_at(self, epoch: int) -> str:
        """Returns the run of an epoch; empty if that is not known any more."""
        return next((run for start, run in reversed(self.runs) if start <= epoch), "")

    @property
    def is_held(self) -> bool:
        return self.held_at is not None
