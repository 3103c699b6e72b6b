"""A payment, its states, and the payment status of a booking."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.database import BigId, UtcDateTime, now
from webapp.extensions import Model
from webapp.models.bookings.booking import Booking
from webapp.models.types import Money, word


class PaymentState(StrEnum):
    """The state of a payment."""

    SUBMITTED = "submitted"
    VERIFIED = "verified"
    REJECTED = "rejected"
    REVERSED = "reversed"


PAYMENT_STEPS: dict[PaymentState, tuple[PaymentState, ...]] = {
    PaymentState.SUBMITTED: (PaymentState.VERIFIED, PaymentState.REJECTED),
    PaymentState.VERIFIED: (PaymentState.REVERSED,),
}


class PaymentStatus(StrEnum):
    """The payment status of a booking; derived, never stored."""

    UNPAID = "unpaid"
    SUBMITTED = "submitted"
    PART_PAID = "part_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    REJECTED = "rejected"


class Payment(Model):
    """One payment for a booking, verified or not."""

    __tablename__ = "payment"
    __table_args__ = (Index("ix_payment_status_id", "status", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("booking.id"), index=True)
    method: Mapped[str] = mapped_column(String(40))
    amount: Mapped[Decimal] = mapped_column(Money)
    reference: Mapped[str] = mapped_column(String(100), index=True)  # As the payer or the bank wrote it.
    status: Mapped[PaymentState] = mapped_column(word(PaymentState), default=PaymentState.SUBMITTED)
    reason: Mapped[str] = mapped_column(String(500), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now())
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    booking: Mapped[Booking] = relationship(back_populates="payments")

    def may_become(self, status: PaymentState) -> bool:
        """Whether this state may follow."""
        return status in PAYMENT_STEPS.get(self.status, ())

    @property
    def received(self) -> Decimal:
        """Returns the money that has certainly come: the amount once it is verified, else 0."""
        return self.amount if self.status is PaymentState.VERIFIED else Decimal(0)


def payment_status(booking: Booking) -> PaymentStatus:
    """Returns the payment status of a booking, whose payments must be loaded."""
    rows: list[Payment] = booking.payments
    if booking.due < 0:
        return PaymentStatus.OVERPAID
    if booking.due == 0:
        return PaymentStatus.PAID
    if any(p.status is PaymentState.SUBMITTED for p in rows):
        return PaymentStatus.SUBMITTED
    if booking.paid:
        return PaymentStatus.PART_PAID
    last = rows[-1].status if rows else None
    return PaymentStatus.REJECTED if last is PaymentState.REJECTED else PaymentStatus.UNPAID
