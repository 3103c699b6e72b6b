"""A guest: the lane in which messages go out one by one, and the addresses that said stop."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.names import ChannelName
from webapp.models.types import word


class Guest(Model):
    """One lane. Known by the phone, or by the e-mail where there is no phone; never merged.

    Two people on one phone share a lane. Names and addresses for messages are the booking's own.
    """

    __tablename__ = "guest"
    __table_args__ = (
        Index("uq_guest_phone", "phone", unique=True),
        Index(
            "uq_guest_email",
            "email",
            unique=True,
            sqlite_where=text("phone IS NULL"),
            postgresql_where=text("phone IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    email: Mapped[str | None] = mapped_column(String(254))  # lower case
    # The sequence number that the guest's next message takes, by an UPDATE of this row.
    next_seq: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())


class OptOut(Model):
    """An address that asked not to be written to on one channel."""

    __tablename__ = "opt_out"
    __table_args__ = (UniqueConstraint("channel", "address"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    channel: Mapped[ChannelName] = mapped_column(word(ChannelName))
    address: Mapped[str] = mapped_column(String(254))
    source: Mapped[str] = mapped_column(String(40))  # The provider's code, or who recorded it.
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
