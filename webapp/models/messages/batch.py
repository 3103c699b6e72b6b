"""Acts on many failed messages: planned over the rows that a person saw, then done row by row."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.types import partial, word


class BatchKind(StrEnum):
    """What is done to each failure."""

    RETRY = "retry"
    RESOLVE = "resolve"
    REOPEN = "reopen"


class Batch(Model):
    """One act on many. Its rows are fixed when it is planned; it runs once somebody starts it."""

    __tablename__ = "batch"
    # A duty continues these when the page is closed.
    __table_args__ = (partial("unfinished_batches", "id", where="started_at IS NOT NULL AND finished_at IS NULL"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[BatchKind] = mapped_column(word(BatchKind))
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str] = mapped_column(String(200))
    note: Mapped[str] = mapped_column(String(500), default="")
    filters: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # The board's query that it was planned from.
    left_out: Mapped[int] = mapped_column(default=0)  # How many more matched than one batch takes.
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BatchRow(Model):
    """One failed message of a batch. It is refused if there is a newer attempt than the person saw."""

    __tablename__ = "batch_row"
    __table_args__ = (partial("batch_to_do", "batch_id", "message_id", where="outcome = ''"),)

    batch_id: Mapped[int] = mapped_column(ForeignKey("batch.id"), primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"), primary_key=True, index=True)
    token: Mapped[str] = mapped_column(String(32), default="")
    outcome: Mapped[str] = mapped_column(String(24), default="")  # A word of webapp.words.FATE; empty: to do.
    sentence: Mapped[str] = mapped_column(String(300), default="")
