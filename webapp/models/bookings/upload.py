"""An uploaded CSV file: previewed first, imported once it is accepted."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.types import word


class UploadKind(StrEnum):
    """What the lines of a file are."""

    BOOKINGS = "bookings"
    STATEMENT = "statement"  # Of a bank account: lines that may be payments.


class Upload(Model):
    """One file as text, with the result of its import."""

    __tablename__ = "upload"
    __table_args__ = (Index("ix_upload_kind_digest", "kind", "digest"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[UploadKind] = mapped_column(word(UploadKind))
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the file, by which it is recognised.
    content: Mapped[str] = mapped_column(Text)
    columns: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # Our field to the file's header.
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    author: Mapped[str] = mapped_column(String(200))
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
