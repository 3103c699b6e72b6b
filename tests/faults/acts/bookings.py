"""Acts on bookings: their steps, forms, notes, replies, and many at once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests.factories import a_booking, a_reply
from tests.faults.acts.base import ROSA, Post, Scenario, key, numbers
from webapp.models import BookingStatus
from webapp.services import bookings
from webapp.services.bookings import form as booking_form


def _step(noun: str, status: BookingStatus = BookingStatus.PENDING, **more: Any) -> Scenario:
    def made() -> Post:
        began = timedelta(hours=-3 if noun in ("completion", "absence") else 72)
        booking = a_booking(status, starts_in=began)
        return Post(f"/bookings/{booking.reference}/{noun}", {"version": booking.version} | key() | more)

    return made


def _bulk(noun: str) -> Callable[[], Post]:
    def made() -> Post:
        booking = a_booking()  # One, so that what is said of it is the whole answer.
        return Post(f"/bookings/list/{noun}", {"row": f"{booking.id}.{booking.version}", "view": "row"})

    return made


def _undo() -> Post:
    booking = a_booking()
    act = bookings.confirm(booking, by=ROSA, expected_version=booking.version, hold=60)
    return Post(f"/bookings/{booking.reference}/undo", {"act": act.id} | key())


def _bulk_undo() -> Post:
    booking = a_booking()
    act = bookings.confirm(booking, by=ROSA, expected_version=booking.version, hold=60)
    return Post("/bookings/list/undo", {"acts": act.id})


def _new() -> Post:
    form = {
        "name": "Ann Lee", "service": "Walk", "starts_at": "2030-05-01T18:00", "party_size": "2", "amount": "50.00",
        "currency": "GBP", "phone": f"+1415557{next(numbers):04d}", "email": f"ann{next(numbers)}@guests.example",
        "language": "en", "channels": ["sms", "email"], "reference": f"N-{next(numbers)}",
    }  # fmt: skip
    return Post("/bookings/new", form | key())


def _change() -> Post:
    booking = a_booking(BookingStatus.CONFIRMED)
    seen = {name: value for name, value in booking_form.values_of(booking).items() if value and name != "channels"}
    form = seen | {f"was-{name}": value for name, value in seen.items()} | {"name": "Ann Lee", "tell": "yes"}
    channels = ["sms", "whatsapp", "email"]
    more = {"channels": channels, "was-channels": channels, "version": booking.version}
    return Post(f"/bookings/{booking.reference}/change", form | more | key())


def _reply() -> Post:
    return Post(f"/replies/{a_reply(a_booking()).id}/handling", key())


def _unknown_reply() -> Post:
    reply = a_reply(sender=f"+1415556{next(numbers):04d}")
    return Post(f"/replies/unknown/{reply.id}/handling", key())


CONFIRMED = BookingStatus.CONFIRMED
ACTS: dict[str, Scenario] = {
    "bookings.confirm": _step("confirmation"),
    "bookings.decline": _step("refusal", reason="Storm"),
    "bookings.cancel": _step("cancellation", CONFIRMED, reason="Storm"),
    "bookings.complete": _step("completion", CONFIRMED),
    "bookings.miss": _step("absence", CONFIRMED),
    "bookings.reopen": _step("reopening", BookingStatus.DECLINED),
    "bookings.take_back": _undo,
    "booking_forms.create": _new,
    "booking_forms.save": _change,
    "notes.add": _step("notes", text="Wants quiet"),
    "replies.handle": _reply,
    "replies.handle_unknown": _unknown_reply,
    "bulk.confirm": _bulk("confirmations"),
    "bulk.decline": _bulk("refusals"),
    "bulk.take_back": _bulk_undo,
}
