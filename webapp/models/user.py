"""People who sign in, keys of programs that call the API, and answers stored for repeated requests."""

from datetime import date, datetime

from flask_login import UserMixin
from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column

from webapp import words
from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import Role
from webapp.models.types import word

# The hash of somebody without a password begins with this; no real hash does.
NO_PASSWORD = "!"  # noqa: S105


class User(UserMixin, Model):
    """A member of staff."""

    __tablename__ = "user_account"  # `user` is a reserved word of PostgreSQL.

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)  # lower case
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[Role] = mapped_column(word(Role))
    password_hash: Mapped[str] = mapped_column(String(200))
    is_enabled: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    session_epoch: Mapped[int] = mapped_column(default=1)  # A higher one ends all sessions of this person.
    keys_on: Mapped[bool] = mapped_column(default=True, server_default=true())  # Single keys act on pages.
    language: Mapped[str | None] = mapped_column(String(10))  # Of the pages; null: what the browser asks for.
    # Whether a manager gets the board's figures by mail each morning, and the last day of that (the business's zone).
    morning_mail: Mapped[bool] = mapped_column(default=False, server_default=false())
    morning_mail_on: Mapped[date | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())

    @property
    def is_active(self) -> bool:
        return self.is_enabled

    @property
    def has_password(self) -> bool:
        """Returns whether this person has chosen a password; one who was only invited has not."""
        return not self.password_hash.startswith(NO_PASSWORD)

    @property
    def role_label(self) -> str:
        """Returns the role as staff read it."""
        return words.ROLE[self.role].label

    def get_id(self) -> str:
        """Returns what the session cookie names: the person and their epoch."""
        return f"{self.id}.{self.session_epoch}"

    def can(self, role: Role) -> bool:
        """Returns whether this person may do what that role may."""
        return self.role.covers(role)


class ApiKey(Model):
    """A program that may call the API. Only a hash is kept: the key is shown once."""

    __tablename__ = "api_key"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of 256 random bits: no salt needed.
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class KeptAnswer(Model):
    """The first answer to a request with an Idempotency-Key. Repeats get the same answer for 24 h."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("api_key_id", "path", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_key.id"))
    path: Mapped[str] = mapped_column(String(300))
    key: Mapped[str] = mapped_column(String(200))
    body_digest: Mapped[str] = mapped_column(String(64))
    status: Mapped[int | None]  # Null while the first request still runs.
    answer: Mapped[dict[str, object] | None] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now(), index=True)
