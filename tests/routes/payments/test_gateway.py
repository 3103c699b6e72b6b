"""A payment gateway in one file, by the recipe of docs/extending.md: what it says is believed once, and only signed."""

import hashlib
import hmac
import json
from decimal import Decimal
from typing import Any

import pytest
from flask import Blueprint, Flask, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden

from tests.factories import a_booking, a_payment
from webapp.models import Booking, PaymentState
from webapp.routes import access
from webapp.services import bookings, payments
from webapp.services.audit import Actor

SECRET = b"of the gateway"
URL = "/webhooks/paygate"


def sign(body: bytes) -> str:
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def a_gateway() -> Blueprint:
    """The whole file of a gateway, but for its secret's setting."""
    bp = Blueprint("paygate", __name__, url_prefix=URL)
    access.for_programs(bp)

    @bp.before_request
    def check_signature() -> None:
        if not hmac.compare_digest(request.headers.get("X-Signature", ""), sign(request.get_data())):
            raise Forbidden("This was not signed by Paygate.")

    @bp.post("")
    def take() -> ResponseReturnValue:
        event: dict[str, Any] = json.loads(request.get_data())
        payments.receive(
            bookings.get(event["booking"]), method="Card", amount=Decimal(event["amount"]), reference=event["charge"],
            proof=event["charge"], by=Actor("Paygate", form_key=f"paygate-{event['id']}"),
        )  # fmt: skip
        return "", 204

    return bp


@pytest.fixture
def post(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Post an event as the gateway does."""
    monkeypatch.setattr(access, "ROLES", dict(access.ROLES))
    app.register_blueprint(a_gateway())

    def send(signature: str | None = None, **changes: str) -> Any:
        event = {"id": "evt_1", "booking": "BK-7", "amount": "120.00", "charge": "ch_1"} | changes
        body = json.dumps(event).encode()
        return client.post(URL, data=body, headers={"X-Signature": sign(body) if signature is None else signature})

    return send


@pytest.fixture
def booking(app: Flask) -> Booking:
    return a_booking(reference="BK-7")


def test_a_signed_event_verifies_its_payment_without_a_form_and_tells_the_guest_now(
    post: Any, booking: Booking, bells: list[int]
) -> None:
    waiting = a_payment(booking, reference="ch_1")

    answer = post()

    assert answer.status_code == 204
    assert waiting.status is PaymentState.VERIFIED
    assert bells == [booking.guest_id]


def test_an_event_that_comes_twice_counts_once(post: Any, booking: Booking) -> None:
    codes = [post().status_code for _ in range(2)]

    assert codes == [204, 204]
    assert len(booking.payments) == 1


@pytest.mark.parametrize(
    ("changes", "code", "detail"),
    [
        ({"signature": "forged"}, 403, "This was not signed by Paygate."),
        ({"booking": "BK-8"}, 404, "There is no booking BK-8."),
        ({"amount": "1.005"}, 422, "GBP has two decimals: write an amount such as 1.00."),
    ],
)
def test_what_is_refused_is_said_in_a_document(
    post: Any, booking: Booking, changes: dict[str, str], code: int, detail: str
) -> None:
    answer = post(**changes)

    assert (answer.status_code, answer.mimetype) == (code, "application/problem+json")
    assert answer.get_json()["detail"] == detail
    assert booking.payments == []
