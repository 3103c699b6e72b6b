"""Every act of pages and API, as data: what it needs, and what is posted. Each makes rows of its own."""

import itertools
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, update

from tests.api.speaking import a_body, a_payment
from tests.factories import a_booking, a_message, a_reply, a_user, an_attempt
from tests.factories import a_payment as paid
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import ApiKey, Booking, BookingStatus, DatabaseMark, MessageStatus, PaymentState
from webapp.services import bookings
from webapp.services.accounts import api_keys
from webapp.services.audit import Actor
from webapp.services.delivery import channel_gate
from webapp.services.restores import guard
from webapp.services.restores.guard import Grow

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Post:
    """One request that does something."""

    url: str
    form: dict[str, Any] = field(default_factory=dict)
    json: dict[str, Any] | None = None  # For the API.


def _booking(noun: str, status: BookingStatus = BookingStatus.PENDING, **more: Any) -> Callable[[], Post]:
    def made() -> Post:
        booking = a_booking(status)
        return Post(f"/bookings/{booking.reference}/{noun}", _form(booking) | more)

    return made


def _form(booking: Booking) -> dict[str, Any]:
    return {"version": booking.version, "form_key": secrets.token_hex(16)}


def _payment(noun: str, status: PaymentState = PaymentState.SUBMITTED) -> Callable[[], Post]:
    def made() -> Post:
        payment = paid(a_booking(BookingStatus.CONFIRMED), status)
        return Post(f"/payments/{payment.id}/{noun}", _form(payment.booking) | {"reason": "No money came"})

    return made


def _bulk(noun: str) -> Callable[[], Post]:
    def made() -> Post:
        booking = a_booking()  # One, so that what is said of it is the whole answer.
        return Post(f"/bookings/list/{noun}", {"row": f"{booking.id}.{booking.version}", "view": "row"})

    return made


def _undo() -> Post:
    booking = a_booking()
    act = bookings.confirm(booking, by=Actor("Rosa", may_undo=True), expected_version=booking.version, hold=60)
    return Post(f"/bookings/{booking.reference}/undo", {"act": act.id, "form_key": secrets.token_hex(16)})


def _bulk_undo() -> Post:
    booking = a_booking()
    act = bookings.confirm(booking, by=Actor("Rosa", may_undo=True), expected_version=booking.version, hold=60)
    return Post("/bookings/list/undo", {"acts": act.id})


def _failed(noun: str, **more: Any) -> Callable[[], Post]:
    def made() -> Post:
        message = a_message(status=MessageStatus.FAILED, error_code="30003")
        an_attempt(message)
        form = {"token": message.token, "form_key": secrets.token_hex(16)} | more
        return Post(f"/messages/{message.id}/{noun}", form)

    return made


def _new_booking() -> Post:
    form = {
        "name": "Ann Lee", "service": "Walk", "starts_at": "2030-05-01T18:00", "party_size": "2", "amount": "50.00",
        "currency": "GBP", "phone": f"+1415557{next(_numbers):04d}", "email": f"ann{next(_numbers)}@guests.example",
        "language": "en",
        "channels": ["sms", "email"], "reference": f"N-{next(_numbers)}", "form_key": secrets.token_hex(16),
    }  # fmt: skip
    return Post("/bookings/new", form)


def _submitted() -> Post:
    booking = a_booking(BookingStatus.CONFIRMED)
    form = {"method": "Card", "amount": "10.00", "reference": f"R-{next(_numbers)}", "form_key": secrets.token_hex(16)}
    return Post(f"/bookings/{booking.reference}/payments", form)


def _reply() -> Post:
    reply = a_reply(a_booking())
    return Post(f"/replies/{reply.id}/handling", {"form_key": secrets.token_hex(16)})


def _person(noun: str, **more: str) -> Callable[[], Post]:
    return lambda: Post(f"/admin/people/{a_user().id}/{noun}", {"form_key": secrets.token_hex(16)} | more)


def _invitation() -> Post:
    form = {"name": "Kim", "email": f"kim{next(_numbers)}@desk.example", "role": "front_desk"}
    return Post("/admin/people/invitation", form | {"form_key": secrets.token_hex(16)})


def _revocation() -> Post:
    api_keys.create(f"Key {next(_numbers)}")
    key_id = db.session.scalars(select(func.max(ApiKey.id))).one()
    return Post(f"/admin/keys/{key_id}/revocation", {"form_key": secrets.token_hex(16)})


def _api(verb: str, status: BookingStatus = BookingStatus.PENDING) -> Callable[[], Post]:
    return lambda: Post(f"/api/v1/bookings/{a_booking(status).reference}/{verb}", json={})


def _api_payment(verb: str) -> Callable[[], Post]:
    return lambda: Post(
        f"/api/v1/bookings/{paid(a_booking(BookingStatus.CONFIRMED)).booking.reference}/{verb}", json={}
    )


def _api_created() -> Post:
    number = next(_numbers)
    guest = {"phone": f"+1415558{number:04d}", "email": f"guest-{number}@guests.example"}
    return Post("/api/v1/bookings", json=a_body(reference=f"A-{number}", guest=guest))


def _api_submitted() -> Post:
    return Post(f"/api/v1/bookings/{a_booking(BookingStatus.CONFIRMED).reference}/payments", json=a_payment())


def _older_database() -> Post:
    a_message()
    guard.look(Grow.NOW)
    with writing():
        db.session.execute(update(DatabaseMark).values(held_at=now(), lost_epoch=DatabaseMark.epoch + 1, lost_at=now()))
        channel_gate.hold_all("An older copy was put back")
    return Post("/queue/restored/resumption", {"choice": "close", "form_key": secrets.token_hex(16)})


def _api_retry() -> Post:
    return Post(f"/api/v1/messages/{a_message(status=MessageStatus.FAILED, error_code='30003').id}/retry", json={})


ACTS: dict[str, Callable[[], Post]] = {
    "bookings.confirm": _booking("confirmation"),
    "bookings.decline": _booking("refusal", reason="Storm"),
    "bookings.cancel": _booking("cancellation", BookingStatus.CONFIRMED, reason="Storm"),
    "bookings.take_back": _undo,
    "booking_forms.create": _new_booking,
    "booking_payments.record": _submitted,
    "notes.add": _booking("notes", text="Wants quiet"),
    "replies.handle": _reply,
    "restores.go_on": _older_database,
    "payments.verify": _payment("verification"),
    "payments.reject": _payment("rejection"),
    "reversals.reverse": _payment("reversal", PaymentState.VERIFIED),
    "bulk.confirm": _bulk("confirmations"),
    "bulk.decline": _bulk("refusals"),
    "bulk.take_back": _bulk_undo,
    "resolutions.resolve": _failed("resolution", note="Called"),
    "retries.retry": _failed("retry"),
    "people.invite": _invitation,
    "people.role": _person("role", role="manager", was="front_desk"),
    "people.switch_off": _person("suspension"),
    "people.end_sessions": _person("sign-out", version="1"),
    "people.link": _person("link"),
    "keys.create": lambda: Post("/admin/keys", {"name": f"K{next(_numbers)}", "form_key": secrets.token_hex(16)}),
    "keys.revoke": _revocation,
    "api.create_booking": _api_created,
    "api.confirm_booking": _api("confirm"),
    "api.decline_booking": _api("decline"),
    "api.cancel_booking": _api("cancel", BookingStatus.CONFIRMED),
    "api.submit_payment": _api_submitted,
    "api.verify_payment": _api_payment("verify-payment"),
    "api.reject_payment": _api_payment("reject-payment"),
    "api.retry_message": _api_retry,
}

# Acts that are not enumerated yet, each with what it would take. A new act belongs above.
NOT_YET = {
    "auth.sign_in": "writes nothing",
    "auth.logout": "writes nothing",
    "texts.preview": "writes nothing",
    "doctor.examine": "writes a probe alone",
    "exports.bookings": "a file is read",
    "exports.messages": "a file is read",
    "queue_acts.drop_reply_keys": "needs Redis",
    "queue_acts.ring": "needs Redis",
    "account.change_password": "ends the session that posts",
    "account.keys": "a switch: twice is once",
    "morning_mail.switch": "a switch: twice is once",
    "passwords.chosen": "a link for one use",
    "channels.pause": "a switch",
    "channels.resume": "a switch",
    "queue_acts.pause": "a switch",
    "queue_acts.resume": "a switch",
    "people.switch_on": "needs a suspended person",
    "bookings.complete": "needs a booking that has begun",
    "bookings.miss": "needs a booking that has begun",
    "payments.take_back": "needs a decided payment",
    "resolutions.reopen": "needs a resolved message",
    "booking_forms.save": "needs the form's old values",
    "fallbacks.put": "needs the order as seen",
    "batches.plan": "needs a selection",
    "batches.start": "needs a plan",
    "replacements.send": "needs an address",
    "queue_acts.send_test": "needs a provider",
    "texts.send_test": "needs a provider",
    "queue_workers.stop": "needs a worker",
    "texts.add_language": "needs a text",
    "texts.save": "needs a text",
    "texts.restore": "needs a text",
    "texts.template": "needs a template",
    "booking_import.take": "needs a file",
    "booking_import.choose": "needs a file",
    "booking_import.accept": "needs a file",
    "statements.take": "needs a file",
    "statements.choose": "needs a file",
    "statements.read_as": "needs a file",
    "booking_import.read_as": "needs a file",
    "statements.choose_booking": "needs a file",
    "statements.confirm": "needs a file",
    "webhooks.status": "its caller repeats by itself",
    "webhooks.take_inbound": "its caller repeats by itself",
    "bounces.take": "its caller repeats by itself",
    "returned_mail.put_away": "needs a returned mail",
    "replies.handle_unknown": "needs a reply from an unknown number",
}
