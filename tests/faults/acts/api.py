"""Acts of programs, with a key each time."""

from tests.api.speaking import a_body
from tests.api.speaking import a_payment as payment_body
from tests.factories import a_booking, a_payment
from tests.faults.acts.base import Post, Scenario, numbers
from tests.faults.acts.messages import a_failure
from webapp.models import BookingStatus


def _step(verb: str, status: BookingStatus = BookingStatus.PENDING) -> Scenario:
    return lambda: Post(f"/api/v1/bookings/{a_booking(status).reference}/{verb}", json={})


def _decision(verb: str) -> Scenario:
    def made() -> Post:
        booking = a_payment(a_booking(BookingStatus.CONFIRMED)).booking
        return Post(f"/api/v1/bookings/{booking.reference}/{verb}", json={})

    return made


def _create() -> Post:
    number = next(numbers)
    guest = {"phone": f"+1415558{number:04d}", "email": f"guest-{number}@guests.example"}
    return Post("/api/v1/bookings", json=a_body(reference=f"A-{number}", guest=guest))


def _submit() -> Post:
    return Post(f"/api/v1/bookings/{a_booking(BookingStatus.CONFIRMED).reference}/payments", json=payment_body())


ACTS: dict[str, Scenario] = {
    "api.create_booking": _create,
    "api.confirm_booking": _step("confirm"),
    "api.decline_booking": _step("decline"),
    "api.cancel_booking": _step("cancel", BookingStatus.CONFIRMED),
    "api.submit_payment": _submit,
    "api.verify_payment": _decision("verify-payment"),
    "api.reject_payment": _decision("reject-payment"),
    "api.retry_message": lambda: Post(f"/api/v1/messages/{a_failure().id}/retry", json={}),
}
