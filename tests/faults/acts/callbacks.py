"""What providers and mail servers hand in. Whoever is not answered with 2xx hands it in again."""

import secrets

from twilio.request_validator import RequestValidator

from tests.channels.bounce.shapes import DAEMON, MAIL, TO, dsn
from tests.channels.bounce.test_bounce_shapes import ARF
from tests.conftest import DEFAULTS
from tests.factories import a_booking, a_message, an_attempt
from tests.faults.acts.base import Post, Scenario, key, numbers
from webapp.database import writing
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, MessageStatus, SandboxMessage

LOST = dsn(f"Final-Recipient: rfc822; {TO}\nAction: failed\nStatus: 5.1.1\n")


def _signed(path: str, form: dict[str, str]) -> Post:
    address = f"{DEFAULTS['public_url']}{path}"
    return Post(path, form, signature=RequestValidator(DEFAULTS["twilio_auth_token"]).compute_signature(address, form))


def _receipt(status: str, **more: str) -> Scenario:
    def made() -> Post:
        attempt = an_attempt(a_message(status=MessageStatus.SENT))
        form = {"MessageSid": attempt.provider_id or "", "MessageStatus": status} | more
        return _signed(f"/webhooks/twilio/status/{attempt.token}", form)

    return made


def _inbound(body: str, **more: str) -> Scenario:
    def made() -> Post:
        sender = a_booking(BookingStatus.CONFIRMED).phone or ""
        form = {"MessageSid": f"SM{secrets.token_hex(16)}", "From": sender, "Body": body} | more
        return _signed("/webhooks/twilio/inbound", form)

    return made


def _bounce(mail: str) -> Scenario:
    """A returned mail, with its address and number those of a mail that was sent just now."""

    def made() -> Post:
        to, number = f"nobody{next(numbers)}@guests.example", secrets.token_hex(8)
        booking = a_booking(BookingStatus.CONFIRMED, email=to)
        sent = a_message(
            booking, channel=ChannelName.EMAIL, status=MessageStatus.SENT, mail_id=f"<{number}@desk.example>"
        )
        token = secrets.token_hex(16)
        an_attempt(sent, provider="smtp", provider_id="250 Ok", token=token)
        ours = mail.replace(TO, to).replace("bounced@", f"{number}@").replace("0123456789ab", token[:12])
        return Post("/webhooks/email/bounce", raw=ours.encode())

    return made


def _simulated(act: str, channel: ChannelName = ChannelName.SMS, **form: str) -> Scenario:
    """What may come back for a message that the sandbox took."""

    def made() -> Post:
        sent = a_message(channel=channel, status=MessageStatus.SENT, simulated=True)
        attempt = an_attempt(sent, provider="sandbox")
        with writing():
            row = SandboxMessage(
                token=attempt.token, provider_id=attempt.provider_id, channel=channel, to=sent.to, body=sent.body,
                reference=sent.reference, status="sent",
            )  # fmt: skip
            db.session.add(row)
        return Post(f"/sandbox/{row.id}/{act}", form | key())

    return made


ACTS: dict[str, Scenario] = {
    "sandbox.answer": _simulated("replies", text="We are late."),
    "sandbox.report": _simulated("receipts", status="delivered"),
    "sandbox.report/lost": _simulated("receipts", status="failed"),
    "sandbox.send_back": _simulated("bounce", ChannelName.EMAIL),
    "webhooks.status": _receipt("delivered"),
    "webhooks.status/lost": _receipt("undelivered", ErrorCode="30005"),
    "webhooks.take_inbound": _inbound("Can we come later?"),
    "webhooks.take_inbound/stop": _inbound("STOP", OptOutType="STOP"),
    "bounces.take": _bounce(LOST),
    "bounces.take/complaint": _bounce(ARF.format(type="abuse", to="", mail=MAIL)),
    "bounces.take/unreadable": _bounce(f"{DAEMON}Subject: x\n\nXyzzy.\n\n{MAIL}"),
}
