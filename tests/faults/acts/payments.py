"""Acts on payments, those of a bank statement's lines among them."""

from tests.factories import a_booking, a_payment
from tests.faults.acts.base import ROSA, Post, Scenario, key, numbers
from webapp.models import BookingStatus, PaymentState
from webapp.services import payments


def _decision(noun: str, status: PaymentState = PaymentState.SUBMITTED) -> Scenario:
    def made() -> Post:
        payment = a_payment(a_booking(BookingStatus.CONFIRMED), status)
        form = {"version": payment.booking.version, "reason": "No money came"}
        return Post(f"/payments/{payment.id}/{noun}", form | key())

    return made


def _take_back() -> Post:
    payment = a_payment(a_booking(BookingStatus.CONFIRMED))
    act = payments.verify(payment, by=ROSA, expected_version=payment.booking.version)
    return Post(f"/payments/{payment.id}/undo", {"act": act.id} | key())


def _record() -> Post:
    booking = a_booking(BookingStatus.CONFIRMED)
    form = {"method": "Card", "amount": "10.00", "reference": f"R-{next(numbers)}"}
    return Post(f"/bookings/{booking.reference}/payments", form | key())


ACTS: dict[str, Scenario] = {
    "booking_payments.record": _record,
    "payments.verify": _decision("verification"),
    "payments.reject": _decision("rejection"),
    "payments.take_back": _take_back,
    "reversals.reverse": _decision("reversal", PaymentState.VERIFIED),
}
