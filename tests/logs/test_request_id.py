"""One number from the click to the receipt."""

import secrets
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from tests.conftest import Browser
from tests.factories import a_booking, a_message, an_attempt
from tests.support.scripted import Post
from webapp.channels.base import Accepted, Outgoing
from webapp.database import later, writing
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import AttemptOutcome, Message, MessageStatus
from webapp.services import delivery
from webapp.services.delivery import draining, lookups, receipts
from webapp.services.delivery.worker_slots import in_hand

BROUGHT = "0123456789abcdef0123456789abcdef"


def number_of(answer: Any) -> str:
    return str(answer.headers["X-Request-ID"])


def of_message(**given: Any) -> Message:
    return a_message(trace_id="click-1", **given)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The number under which each line is logged."""
    numbers: list[str] = []
    for module in (draining, receipts, lookups):
        capture = LogCapture()
        keep = lambda _logger, _name, event: numbers.append(event.get("trace", "")) or event  # noqa: E731
        wrapped = structlog.wrap_logger(None, processors=[structlog.contextvars.merge_contextvars, keep, capture])
        monkeypatch.setattr(module, "log", wrapped)
    return numbers


def test_each_request_gets_a_number_of_its_own(admin: Browser) -> None:
    first, second = number_of(admin.get("/")), number_of(admin.get("/"))

    assert len(first) == 16 and first != second


def test_nobody_but_a_trusted_proxy_brings_one(admin: Browser) -> None:
    assert number_of(admin.get("/", headers={"X-Request-ID": BROUGHT})) != BROUGHT


@pytest.mark.settings(trusted_proxies=1)
@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (BROUGHT, BROUGHT),
        ("7b3c0f9e-1c5e-4d0b-9a60-2f4f1f1f1f1f", "7b3c0f9e1c5e4d0b9a602f4f1f1f1f1f"),
        ("short", ""), ("x" * 37, ""), ("<script>alert</script>", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_trusted_proxys_number_is_taken_where_it_is_one(admin: Browser, given: str, taken: str) -> None:
    number = number_of(admin.get("/", headers={"X-Request-ID": given}))

    assert number == taken if taken else (number != given and len(number) == 16)


def test_nothing_is_left_of_it_after_the_request(admin: Browser) -> None:
    admin.get("/")

    assert request_id.current() == ""


def test_an_error_page_and_its_toast_say_the_number(admin: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = admin.get("/nowhere")
    assert f'<span class="mono">{number_of(answer)}</span>' in answer.text

    monkeypatch.setattr("webapp.routes.messages.pages.retry.get", lambda _: 1 / 0)
    toast = admin.get("/messages/1", headers={"HX-Request": "true"})
    assert toast.status_code == 500 and f"Request id: {number_of(toast)}." in toast.text


def test_an_api_answer_carries_it_too(client: Any) -> None:
    assert len(number_of(client.get("/api/v1/queue"))) == 16


def test_messages_keep_the_number_of_the_click(admin: Browser) -> None:
    booking = a_booking()

    answer = admin.act(f"/bookings/{booking.reference}/confirmation", version=booking.version)

    assert answer.status_code == 200
    db.session.rollback()
    assert {message.trace_id for message in booking.messages} == {number_of(answer)}


def test_admins_read_it_on_the_message_and_others_do_not(admin: Browser, front_desk: Browser) -> None:
    message = of_message()

    assert "click-1" in admin.get(f"/messages/{message.id}").text
    assert "click-1" not in front_desk.get(f"/messages/{message.id}").text


@pytest.mark.usefixtures("app")
def test_a_worker_delivers_under_it(post: Post, seen: list[str]) -> None:
    under: list[str] = []

    def take(outgoing: Outgoing) -> Accepted:
        under.append(request_id.current())
        return Accepted(f"SM{secrets.token_hex(4)}")

    post.sms.answers = [take]
    delivery.drain(of_message().guest_id)

    assert under == ["click-1"] and seen == ["click-1"]
    assert request_id.current() == "" and in_hand.active() == 0


@pytest.mark.usefixtures("app")
def test_a_receipt_comes_under_it(seen: list[str]) -> None:
    attempt = an_attempt(of_message(status=MessageStatus.SENT))

    receipts.receive(attempt.token, provider_id=attempt.provider_id or "", status="delivered")
    receipts.receive("nobody's", provider_id="SM1", status="delivered")

    assert seen == ["click-1", ""]


@pytest.mark.usefixtures("app")
def test_a_look_up_and_an_ended_lease_go_under_it(post: Post, seen: list[str]) -> None:
    sending = of_message(status=MessageStatus.SENDING, lease_until=later(-1))
    an_attempt(sending, outcome=None, provider_id=None)
    lookups.end_leases()

    uncertain = of_message(status=MessageStatus.UNCERTAIN)
    attempt = an_attempt(uncertain, outcome=AttemptOutcome.UNKNOWN, provider_id=None)
    with writing():
        attempt.next_look_at = later(-1)
    lookups.look_up_due()

    assert set(seen) == {"click-1"} and len(seen) >= 2
