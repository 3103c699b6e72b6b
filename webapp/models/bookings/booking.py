"""A booking, its states and the steps between them."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.guest import Guest
from webapp.models.names import ChannelName
from webapp.models.types import Money, word


class BookingStatus(StrEnum):
    """The state of a booking."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


# From each state, the states that may follow.
STEPS: dict[BookingStatus, tuple[BookingStatus, ...]] = {
    BookingStatus.PENDING: (BookingStatus.CONFIRMED, BookingStatus.DECLINED, BookingStatus.CANCELLED),
    BookingStatus.CONFIRMED: (BookingStatus.CANCELLED, BookingStatus.COMPLETED, BookingStatus.NO_SHOW),
    BookingStatus.DECLINED: (BookingStatus.PENDING,),
    BookingStatus.CANCELLED: (BookingStatus.PENDING,),
}
EXPECTED = (BookingStatus.PENDING, BookingStatus.CONFIRMED)  # The guest may still come.
CLOSED = (BookingStatus.DECLINED, BookingStatus.CANCELLED)


class Booking(Model):
    """One booking, with the contact that its messages use."""

    __tablename__ = "booking"
    __table_args__ = (
        Index("ix_booking_status_starts_at", "status", "starts_at", "id"),
        Index("ix_booking_starts_at", "starts_at", "id"),
        Index("ix_booking_service_starts_at", "service", "starts_at", "id", "status"),  # Counts read nothing else.
        # Searched by prefix; PostgreSQL uses an index for that only with these operator classes.
        Index("ix_booking_reference_prefix", "reference", postgresql_ops={"reference": "text_pattern_ops"}),
        Index("ix_booking_phone_tail", "phone_tail", postgresql_ops={"phone_tail": "text_pattern_ops"}),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    phone: Mapped[str | None] = mapped_column(String(20))  # E.164
    phone_tail: Mapped[str | None] = mapped_column(String(20))  # The digits backwards: last digits by prefix.
    email: Mapped[str | None] = mapped_column(String(254))  # lower case
    language: Mapped[str] = mapped_column(String(10), default="en")
    # The channels that the guest agreed to; null: each that has an address.
    channels: Mapped[list[str] | None] = mapped_column(JSON)
    service: Mapped[str] = mapped_column(String(200))
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    party_size: Mapped[int] = mapped_column(default=1)
    amount: Mapped[Decimal] = mapped_column(Money)
    currency: Mapped[str] = mapped_column(String(3))
    status: Mapped[BookingStatus] = mapped_column(word(BookingStatus), default=BookingStatus.PENDING)
    version: Mapped[int] = mapped_column(default=1)  # Each act adds one; a page's act must name the one it saw.
    is_demo: Mapped[bool] = mapped_column(default=False)  # Demo guests only ever use the sandbox.
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())

    guest: Mapped[Guest] = relationship()
    # By their names: the modules of payments and messages import this one.
    payments: Mapped[list[Any]] = relationship("Payment", back_populates="booking", order_by="Payment.id")
    messages: Mapped[list[Any]] = relationship("Message", back_populates="booking", order_by="Message.id")

    def may_become(self, status: BookingStatus) -> bool:
        """Whether this state may follow."""
        return status in STEPS.get(self.status, ())

    def address(self, channel: ChannelName) -> str | None:
        """Returns the guest's address on a channel."""
        return cast("str | None", getattr(self, channel.address_field))

    @property
    def paid(self) -> Decimal:
        """Returns the sum of the verified payments. The payments must be loaded."""
        return sum((payment.received for payment in self.payments), Decimal(0))

    @property
    def due(self) -> Decimal:
        """Returns the sum that is due; below 0 if it is overpaid."""
        return self.amount - self.paid

    @property
    def may_be_paid(self) -> bool:
        return self.status not in CLOSED


def phone_tail(phone: str | None) -> str | None:
    """Returns a phone's digits backwards, so that its last digits are a prefix."""
    return "".join(c for c in phone if c.isdigit())[::-1] if phone else None
