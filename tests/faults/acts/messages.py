"""Acts on messages: sending again, closing, many at once; and on the texts that they have."""

import secrets
from typing import Any

from sqlalchemy import delete

from tests.factories import a_booking, a_message, an_attempt
from tests.faults.acts.base import ROSA, Post, Scenario, key, numbers
from webapp.database import writing
from webapp.extensions import db
from webapp.models import (
    AttemptOutcome,
    BatchKind,
    BookingStatus,
    ChannelName,
    Event,
    Message,
    MessageStatus,
    TextVersion,
    WhatsAppTemplate,
)
from webapp.services.failures import batch_runner, batches, resolve, selection
from webapp.services.texts import Wording, overrides, versions
from webapp.services.texts.catalog import Place

SMS = "/admin/texts/booking_confirmed/sms/en"
WHATSAPP = "/admin/texts/booking_confirmed/whatsapp/en"
PLACE = Place(Event.BOOKING_CONFIRMED, ChannelName.SMS, "en")


def a_failure(code: str = "30003") -> Message:
    """A message that its provider has refused."""
    message = a_message(a_booking(BookingStatus.CONFIRMED), status=MessageStatus.FAILED, error_code=code)
    an_attempt(message, outcome=AttemptOutcome.PERMANENT, code=code)
    return message


def _failed(noun: str, **more: Any) -> Scenario:
    def made() -> Post:
        message = a_failure()
        return Post(f"/messages/{message.id}/{noun}", {"token": message.token} | key() | more)

    return made


def _reopen() -> Post:
    message = a_failure()
    resolve.resolve(message, by=ROSA, token=message.token or "", note="Called")
    return Post(f"/messages/{message.id}/reopening", {"token": message.token} | key())


def _telling() -> Post:
    message = a_failure()
    return Post(
        f"/bookings/{message.reference}/telling", {"seen": f"{message.id}:{message.token}", "how": "phone"} | key()
    )


def _telling_back() -> Post:
    message = a_failure()
    resolve.resolve(message, by=ROSA, token=message.token or "", how="phone")
    return Post(f"/bookings/{message.reference}/telling/reopening", {"seen": f"{message.id}:{message.token}"} | key())


def _replacement() -> Post:
    message = a_failure("21211")
    version = message.booking.version if message.booking else 0
    form = {"channel": "sms", "phone": f"+1415559{next(numbers):04d}", "email": "", "version": version}
    return Post(f"/messages/{message.id}/replacement", form | {"token": message.token} | key())


def _plan() -> Post:
    return Post("/messages/batches", {"kind": "retry", "id": [a_failure().id, a_failure().id]})


def _start() -> Post:
    picked = selection.ticked([str(a_failure().id), str(a_failure().id)])
    batch = batches.plan(BatchKind.RETRY, picked, by=ROSA)
    assert batch
    return Post(f"/messages/batches/{batch.id}/start", {"note": "Called"}, later=batch_runner.go_on)


def _fresh_texts() -> None:
    with writing():
        db.session.execute(delete(TextVersion))
        db.session.execute(delete(WhatsAppTemplate))
    overrides.forget()


def _save() -> Post:
    _fresh_texts()
    return Post(f"{SMS}/version", {"body": "Ahoy {{ name }}, {{ reference }} stands.", "version": 0} | key())


def _restore() -> Post:
    _fresh_texts()
    versions.save(PLACE, Wording("Ahoy {{ reference }}"), seen=0, by=ROSA)
    newest = versions.newest_version(PLACE)
    return Post(f"{SMS}/restoration", {"of": "built-in", "version": newest.id if newest else 0} | key())


def _add_language() -> Post:
    _fresh_texts()
    return Post("/admin/texts/languages", {"code": "fr"} | key())


def _template() -> Post:
    _fresh_texts()
    form = {"content_sid": f"HX{secrets.token_hex(16)}", "variables": "reference", "was": ""}
    return Post(f"{WHATSAPP}/template", form | key())


def _text_test() -> Post:
    _fresh_texts()
    form = {"body": "Ahoy {{ reference }}", "to": f"+1415551{next(numbers):04d}", "test_key": secrets.token_hex(16)}
    return Post(f"{SMS}/test", form)


ACTS: dict[str, Scenario] = {
    "resolutions.resolve": _failed("resolution", note="Called"),
    "resolutions.reopen": _reopen,
    "tellings.tell": _telling,
    "tellings.reopen": _telling_back,
    "retries.retry": _failed("retry"),
    "replacements.send": _replacement,
    "batches.plan": _plan,
    "batches.start": _start,
    "texts.save": _save,
    "texts.restore": _restore,
    "texts.add_language": _add_language,
    "texts.template": _template,
    "texts.send_test": _text_test,
}
