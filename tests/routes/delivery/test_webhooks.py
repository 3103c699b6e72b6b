"""Twilio's callbacks, signed as Twilio signs them: who is believed, and what late, doubled and early ones do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from twilio.request_validator import RequestValidator

from tests.factories import a_message, an_attempt
from tests.services.delivery.test_draining import fresh
from webapp.extensions import db, limiter
from webapp.models import Attempt, ChannelName, Message, MessageStatus, Receipt
from webapp.services.delivery import receipts

PUBLIC = "https://desk.example"
Call = Callable[..., int]


@pytest.fixture
def call(app: Flask) -> Call:
    """Post a callback as Twilio does, and say which status came back; `key` signs it, `altered` changes it after."""
    client = app.test_client()

    def post(token: str, *, key: str = "token", at: str = PUBLIC, altered: dict[str, str] | None = None,
             query: str = "", **form: str) -> int:  # fmt: skip
        path = f"/webhooks/twilio/status/{token}{query}"
        signature = RequestValidator(key).compute_signature(at + path, form)
        with app.app_context():
            answer = client.post(path, data=form | (altered or {}), headers={"X-Twilio-Signature": signature})
        db.session.rollback()  # The test's own read began before.
        return answer.status_code

    return post


def a_sent(**given: Any) -> tuple[Message, Attempt]:
    message = a_message(status=MessageStatus.SENT, **given)
    return message, an_attempt(message)


def said(attempt: Attempt, status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": attempt.provider_id or "", "MessageStatus": status, "AccountSid": "AC0", **more}


def kept() -> list[tuple[str, bool]]:
    return [(receipt.status, receipt.moved) for receipt in db.session.scalars(select(Receipt).order_by(Receipt.id))]


def test_a_signed_receipt_delivers(call: Call) -> None:
    message, attempt = a_sent()

    assert call(attempt.token, **said(attempt, "delivered")) == 204

    assert fresh(message).status is MessageStatus.DELIVERED
    assert kept() == [("delivered", True)]


def test_a_failure_says_why(call: Call) -> None:
    message, attempt = a_sent()

    call(attempt.token, **said(attempt, "undelivered", ErrorCode="30005"))

    assert (fresh(message).status, message.error_code) == (MessageStatus.FAILED, "30005")


def test_whatsapp_tells_that_it_was_read(call: Call) -> None:
    message, attempt = a_sent(channel=ChannelName.WHATSAPP)

    call(attempt.token, **said(attempt, "read", EventType="READ", ChannelPrefix="whatsapp"))

    assert fresh(message).status is MessageStatus.READ


@pytest.mark.parametrize(
    "forgery",
    [
        {"key": "another"},
        {"key": ""},
        {"at": "https://elsewhere.example"},
        {"at": "http://desk.example"},
        {"altered": {"MessageStatus": "delivered"}},
        {"altered": {"Extra": "1"}},
    ],
    ids=str,
)
def test_what_twilio_did_not_sign_is_refused_and_changes_nothing(call: Call, forgery: dict[str, Any]) -> None:
    message, attempt = a_sent()

    assert call(attempt.token, **said(attempt, "undelivered"), **forgery) == 403

    assert fresh(message).status is MessageStatus.SENT
    assert kept() == []


def test_a_signature_for_one_attempt_is_none_for_another(app: Flask) -> None:
    _, attempt = a_sent()
    other, another = a_sent()
    form = said(another, "delivered")
    signature = RequestValidator("token").compute_signature(f"{PUBLIC}/webhooks/twilio/status/{attempt.token}", form)

    answer = app.test_client().post(
        f"/webhooks/twilio/status/{another.token}", data=form, headers={"X-Twilio-Signature": signature}
    )

    assert (answer.status_code, fresh(other).status) == (403, MessageStatus.SENT)


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "ü"}], ids=str)
def test_without_a_signature_it_is_refused(app: Flask, headers: dict[str, str]) -> None:
    answer = app.test_client().post("/webhooks/twilio/status/t", data={"MessageStatus": "sent"}, headers=headers)

    assert answer.status_code == 403


def test_headers_of_the_request_do_not_name_the_address(app: Flask) -> None:
    form = {"MessageStatus": "delivered"}
    signature = RequestValidator("token").compute_signature("http://evil.example/webhooks/twilio/status/t", form)

    answer = app.test_client().post(
        "/webhooks/twilio/status/t", data=form,
        headers={"X-Twilio-Signature": signature, "Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )  # fmt: skip

    assert answer.status_code == 403


@pytest.mark.settings(twilio_auth_token="", sms_provider="sandbox", whatsapp_provider="sandbox")
def test_without_our_own_key_nothing_is_believed(call: Call) -> None:
    _, attempt = a_sent()

    assert call(attempt.token, key="", **said(attempt, "delivered")) == 403


@pytest.mark.settings(public_url="https://desk.example:443/")
def test_the_port_and_a_slash_in_the_public_address_do_no_harm(call: Call) -> None:
    message, attempt = a_sent()

    assert call(attempt.token, **said(attempt, "delivered")) == 204
    assert fresh(message).status is MessageStatus.DELIVERED


def test_a_query_is_part_of_what_is_signed(call: Call) -> None:
    _, attempt = a_sent()

    assert call(attempt.token, query="?a=1&b=%20", **said(attempt, "delivered")) == 204


def test_one_for_an_unknown_attempt_is_kept_and_taken_as_done(call: Call) -> None:
    assert call("unknown", MessageSid="SM1", MessageStatus="delivered") == 204

    assert kept() == [("delivered", False)]


@pytest.mark.parametrize("form", [{}, {"MessageStatus": "new-word", "MessageSid": "SM1"}, {"MessageStatus": "x" * 500}])
def test_one_that_says_nothing_we_know_moves_nothing(call: Call, form: dict[str, str]) -> None:
    message, attempt = a_sent()

    assert call(attempt.token, **form) == 204

    assert fresh(message).status is MessageStatus.SENT
    assert [moved for _, moved in kept()] == [False]


def test_out_of_order_and_doubled_they_end_where_the_furthest_says(call: Call) -> None:
    message, attempt = a_sent()

    for status in ("delivered", "sent", "queued", "delivered", "undelivered"):
        assert call(attempt.token, **said(attempt, status)) == 204

    assert fresh(message).status is MessageStatus.DELIVERED
    assert [moved for _, moved in kept()] == [True, False, False, False, False]


def test_an_older_attempts_failure_proves_nothing_and_its_delivery_does(call: Call) -> None:
    message, older = a_sent()
    an_attempt(message)

    call(older.token, **said(older, "undelivered", ErrorCode="30008"))
    assert fresh(message).status is MessageStatus.SENT

    call(older.token, **said(older, "delivered"))
    assert fresh(message).status is MessageStatus.DELIVERED


def test_one_before_our_own_commit_leaves_the_hand_over_alone(call: Call) -> None:
    message = a_message(status=MessageStatus.SENDING)
    attempt = an_attempt(message, outcome=None, provider_id=None)

    assert call(attempt.token, MessageSid="SM77", MessageStatus="delivered") == 204

    assert fresh(message).status is MessageStatus.SENDING
    db.session.refresh(attempt)
    assert (attempt.receipt, attempt.provider_id) == ("delivered", "SM77")


def test_another_message_id_than_the_attempts_own_is_not_believed(call: Call) -> None:
    message, attempt = a_sent()

    assert call(attempt.token, MessageSid="SM-of-another", MessageStatus="delivered") == 204

    assert fresh(message).status is MessageStatus.SENT


def test_while_the_database_fails_twilio_is_told_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **facts: object) -> bool:
        raise OperationalError("UPDATE attempt", {}, Exception("database is locked"))

    monkeypatch.setattr(receipts, "receive", broken)

    assert call("t", MessageSid="SM1", MessageStatus="sent") == 503


def test_while_the_database_is_locked_twilio_is_told_so_and_nothing_is_half_done(
    call: Call, request: pytest.FixtureRequest
) -> None:
    message, attempt = a_sent()
    request.getfixturevalue("locked")

    assert call(attempt.token, **said(attempt, "undelivered", ErrorCode="30005")) == 503

    assert fresh(message).status is MessageStatus.SENT and kept() == []


def test_one_that_twilio_repeats_after_a_503_is_taken(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    message, attempt = a_sent()
    with monkeypatch.context() as broken:
        broken.setattr(receipts, "_is_news", _fails)
        assert call(attempt.token, **said(attempt, "delivered")) == 503
    assert kept() == []

    assert call(attempt.token, **said(attempt, "delivered")) == 204
    assert fresh(message).status is MessageStatus.DELIVERED and kept() == [("delivered", True)]


def _fails(*_args: object) -> bool:
    raise OperationalError("UPDATE attempt", {}, Exception("disk I/O error"))


def test_valid_callbacks_are_never_limited(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)

    assert {call("t", MessageSid="SM1", MessageStatus="sent") for _ in range(60)} == {204}


def test_only_a_post_is_a_callback(app: Flask) -> None:
    assert app.test_client().get("/webhooks/twilio/status/t").status_code in (403, 405)
