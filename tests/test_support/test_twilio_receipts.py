"""The fake Twilio's webhooks are signed as Twilio signs, and can lie."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import pytest
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from tests.support.twilio.fake_twilio import FakeTwilio
from tests.support.waiting import until

AMELIA, DESK = "+15552340001", "+15550000009"


class Hook:
    """Somebody who listens for webhooks."""

    def __init__(self) -> None:
        self.heard: list[tuple[dict[str, str], dict[str, str]]] = []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                hook.heard.append((dict(parse_qsl(text)), dict(self.headers)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks/twilio/status/token-1"

    @property
    def statuses(self) -> list[str]:
        return [fields["MessageStatus"] for fields, _ in self.heard]

    def believes(self, token: str, url: str = "") -> list[bool]:
        validator = RequestValidator(token)
        return [validator.validate(url or self.url, f, h.get("X-Twilio-Signature", "")) for f, h in self.heard]


@pytest.fixture
def hook() -> Iterator[Hook]:
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield hook
    hook.server.shutdown()
    hook.server.server_close()
    thread.join(5)


@pytest.fixture
def sid(client: Client, hook: Hook) -> str:
    return str(client.messages.create(to=AMELIA, from_=DESK, body="Hello", status_callback=hook.url).sid)


def test_a_receipt_carries_twilios_fields_and_signature(twilio: FakeTwilio, hook: Hook, sid: str) -> None:
    assert twilio.callback(sid, "undelivered", 30003) == 204

    [(fields, headers)] = hook.heard
    assert fields["MessageSid"] == fields["SmsSid"] == sid
    assert (fields["MessageStatus"], fields["ErrorCode"], fields["To"]) == ("undelivered", "30003", AMELIA)
    assert "RawDlrDoneDate" in fields
    assert "I-Twilio-Idempotency-Token" in headers
    assert hook.believes(twilio.auth_token) == [True]


@pytest.mark.parametrize("forge", ["key", "field", "missing"])
def test_a_forged_receipt_is_not_believed(twilio: FakeTwilio, hook: Hook, sid: str, forge: str) -> None:
    twilio.callback(sid, "delivered", forge=forge)  # type: ignore[arg-type]

    assert hook.believes(twilio.auth_token) == [False]
    assert twilio.messages[0].status == "queued"


def test_receipts_may_come_doubled_and_in_the_wrong_order(twilio: FakeTwilio, hook: Hook, sid: str) -> None:
    twilio.callback(sid, "delivered", times=2)
    twilio.callbacks(sid, ["sent", "sending"])

    assert hook.statuses == ["delivered", "delivered", "sent", "sending"]
    tokens = [headers["I-Twilio-Idempotency-Token"] for _, headers in hook.heard]
    assert tokens[0] == tokens[1]
    assert len(set(tokens)) == 3
    assert twilio.messages[0].status == "delivered"


def test_receipts_may_go_out_by_themselves_in_order(client: Client, twilio: FakeTwilio, hook: Hook) -> None:
    twilio.auto_receipts = True
    client.messages.create(to=AMELIA, from_=DESK, body="Hello", status_callback=hook.url)

    until(lambda: len(hook.heard) == 2, within=5, saying="both receipts came")

    assert hook.statuses == ["sent", "delivered"]
    assert client.messages.list()[0].status == "delivered"


def test_a_number_may_be_told_how_it_ends(client: Client, twilio: FakeTwilio, hook: Hook) -> None:
    twilio.auto_receipts = True
    twilio.ends(AMELIA, "sent", ("undelivered", 30005))
    sid = client.messages.create(to=AMELIA, from_=DESK, body="Hello", status_callback=hook.url).sid

    until(lambda: len(twilio.receipts) == 2, within=5, saying="both receipts came")

    assert client.messages(sid).fetch().error_code == 30005


@pytest.mark.parametrize(("variables", "code"), [('{"1": "Room\\n7"}', 63013), ("", 63016)])
def test_whatsapps_own_rules_fail_later(client: Client, twilio: FakeTwilio, variables: str, code: int) -> None:
    twilio.auto_receipts, twilio.window_open = True, False
    content = {"content_sid": "HX" + "a" * 32, "content_variables": variables} if variables else {"body": "Hello"}
    client.messages.create(to=f"whatsapp:{AMELIA}", from_=f"whatsapp:{DESK}", **content)

    until(lambda: twilio.messages[0].status == "failed", within=5, saying="the message failed")

    assert twilio.messages[0].error_code == code


def test_a_proxy_may_stand_between_the_signed_address_and_the_hook(
    client: Client, twilio: FakeTwilio, hook: Hook
) -> None:
    public = "https://desk.hotel.example/webhooks/twilio/status/token-1"
    sid = client.messages.create(to=AMELIA, from_=DESK, body="Hello", status_callback=public).sid
    assert twilio.callback(sid, "sent") == 0  # Nothing ever leaves this machine.

    twilio.postman.reach = hook.url

    assert twilio.callback(sid, "delivered") == 204
    assert hook.believes(twilio.auth_token, public) == [True]


def test_a_guest_can_write_stop(twilio: FakeTwilio, hook: Hook) -> None:
    assert twilio.text_in(hook.url, sender=AMELIA, body="Stop") == 204

    [(fields, _)] = hook.heard
    assert (fields["From"], fields["Body"], fields["OptOutType"]) == (AMELIA, "Stop", "STOP")
    assert hook.believes(twilio.auth_token) == [True]
