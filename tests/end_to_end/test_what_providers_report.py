"""What providers report, over the wire: a Twilio that signs, a mail that comes back through a pipe, a channel that
stands in for another."""

import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.support.house import House
from tests.support.processes import ROOT
from tests.support.twilio import faults
from tests.support.twilio.twilio_receipts import Forgery, receipt_fields
from tests.support.twilio.twilio_store import Message

ORDER = """
from webapp.services.messages import channel_order
from webapp.services.audit import BELLHOP
channel_order.put("booking_declined", ["whatsapp", "sms"], seen=channel_order.key(
    channel_order.of("booking_declined")), by=BELLHOP)
"""


def sent(house: House, reference: str, phone: str) -> Message:
    """The SMS of a confirmed booking that Twilio has taken, and of which no receipt came."""
    house.twilio.ends(phone, "queued")
    house.book(reference, guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
    house.confirm(reference)
    house.until_settled(reference, sms="sent")
    return house.twilio.taken(phone)[0]


def status(house: House, reference: str, channel: str = "sms") -> str:
    return str(house.messages(reference)[channel]["status"])


@pytest.mark.parametrize("forge", ["key", "field", "missing"])
def test_a_forged_receipt_is_refused_and_changes_nothing(house: House, phone: str, forge: Forgery) -> None:
    message = sent(house, f"WIRE-{forge}", phone)

    assert house.twilio.callback(message.sid, "undelivered", 30003, forge=forge) == 403

    assert status(house, f"WIRE-{forge}") == "sent"


def test_a_receipt_that_is_replayed_for_another_message_is_refused(house: House, phone: str) -> None:
    one, other = sent(house, "WIRE-ONE", phone), sent(house, "WIRE-OTHER", "+14155559901")
    fields = receipt_fields(one, "delivered")
    headers = {"X-Twilio-Signature": RequestValidator(house.twilio.auth_token).compute_signature(one.callback, fields)}

    with requests.Session() as line:
        line.trust_env = False
        assert line.post(other.callback, data=fields, headers=headers, timeout=15).status_code == 403
        assert line.post(one.callback, data=fields, headers=headers, timeout=15).status_code == 204

    # Signed for the other's address, it still names a message that is not the other's.
    assert house.twilio.callback(one.sid, "delivered", url=other.callback) == 204
    assert (status(house, "WIRE-ONE"), status(house, "WIRE-OTHER")) == ("delivered", "sent")


def test_receipts_that_come_doubled_and_backwards_end_where_the_furthest_says(house: House, phone: str) -> None:
    message = sent(house, "WIRE-BACK", phone)

    answers = house.twilio.callbacks(message.sid, ["delivered", "sent", "sending", "queued", "delivered"])
    house.twilio.callback(message.sid, "undelivered", 30003, times=2)

    assert set(answers) == {204} and status(house, "WIRE-BACK") == "delivered"


def test_receipts_that_are_quicker_than_twilios_own_answer_are_not_lost(house: House, phone: str) -> None:
    house.twilio.fail_next(faults.slow(1), to=phone)
    house.book("WIRE-QUICK", guest={"name": "Eve", "phone": phone, "channels": ["sms"]})
    house.confirm("WIRE-QUICK")

    house.until_settled("WIRE-QUICK", sms="delivered")

    assert len(house.twilio.to(phone)) == 1


def test_a_guest_who_writes_stop_on_whatsapp_is_told_by_sms_alone(house: House, phone: str) -> None:
    house.python(ORDER)
    house.twilio.text_in(f"{house.url}/webhooks/twilio/inbound", sender=f"whatsapp:{phone}", body="Stop")
    house.book("WIRE-STOP", guest={"name": "Eve", "phone": phone, "channels": ["whatsapp", "sms"]})

    house.call("POST", "/bookings/WIRE-STOP/decline", {})

    assert set(house.until_settled("WIRE-STOP", sms="delivered")) == {"sms"}


def test_whom_whatsapp_cannot_reach_is_told_by_sms_without_anybodys_doing(house: House, phone: str) -> None:
    house.python(ORDER)
    house.flask("set-whatsapp-template", "booking_declined", "en", "HX" + "b" * 32)
    house.twilio.ends(f"whatsapp:{phone}", "sent", ("undelivered", 63024))
    house.book("WIRE-FALL", guest={"name": "Eve", "phone": phone, "channels": ["whatsapp", "sms"]})

    house.call("POST", "/bookings/WIRE-FALL/decline", {"reason": "The boat is full."})

    told = house.until_settled("WIRE-FALL", whatsapp="failed", sms="delivered")
    assert told["whatsapp"]["error"]["code"] == "63024"
    [text] = [arrival for arrival in house.twilio.to(phone) if arrival.to == phone]
    assert "The boat is full." in text.body


def test_a_mail_that_comes_back_through_a_mail_servers_pipe_fails_its_message(house: House, tmp_path: Path) -> None:
    guest = {"name": "Eve", "email": "nobody@guests.example", "channels": ["email"]}
    house.book("WIRE-BACK-MAIL", guest=guest)
    house.confirm("WIRE-BACK-MAIL")
    house.until_settled("WIRE-BACK-MAIL", email="sent")
    [mail] = house.smtp.to("nobody@guests.example")

    assert pipe(house, tmp_path, report(mail.mail)).returncode == 0
    assert pipe(house, tmp_path, b"What is this?").returncode == 0  # Refused for good: not to be tried again.

    told = house.until_settled("WIRE-BACK-MAIL", email="failed")
    assert told["email"]["error"] == {"code": "5.1.1", "text": told["email"]["error"]["text"]}
    assert "no such mailbox" in told["email"]["error"]["text"]


def test_a_pipe_that_cannot_reach_us_lets_the_mail_server_try_again(house: House, tmp_path: Path) -> None:
    assert pipe(house, tmp_path, b"From: a@b.example\n\nHello", url="http://127.0.0.1:9").returncode == 75
    assert pipe(house, tmp_path, b"From: a@b.example\n\nHello", key="wrong").returncode == 75


def report(mail: EmailMessage) -> bytes:
    """What a mail server writes of a mail that it could not deliver, with the head of the very mail."""
    example = (ROOT / "tests/channels/bounce/reports/postfix.eml").read_text()
    before, after = example.split("Return-Path: <desk@desk.example>\n")
    head = "".join(f"{name}: {value}\n" for name, value in mail.items() if name != "Content-Type")
    return f"{before}{head}{after[after.index(chr(10) + '--') :]}".encode()


def pipe(
    house: House, folder: Path, mail: bytes, *, url: str = "", key: str = ""
) -> "subprocess.CompletedProcess[bytes]":
    """Run the script as a mail server does."""
    config = folder / "bounce.curl"
    address = f"{url or house.url}/webhooks/email/bounce"
    config.write_text(f'url = "{address}"\nheader = "Authorization: Bearer {key or house.key}"\nnoproxy = "*"\n')
    env = {"PATH": "/usr/bin:/bin", "BELLHOP_BOUNCE": str(config)}
    return subprocess.run([ROOT / "deploy/bounce.sh"], input=mail, env=env, timeout=60, check=False)
