"""What a guest or a provider would do about a message that the sandbox took, by the same code as their webhooks."""

from sqlalchemy import exists, select, update

from webapp.channels import bounce as returned
from webapp.database import changed, reading, writing
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Attempt, Message, MessageStatus, ReceiptRank, SandboxMessage
from webapp.services.delivery import bounces, receipts
from webapp.services.guests import inbound
from webapp.services.parsing.text import paragraph

LONGEST_REPLY = 1600
# What a late receipt may say, with its code: the phone is switched off or does not exist any more.
REPORTS = {"delivered": "", "read": "", "failed": "30005"}
LOST = "failed"
# A report as mail servers write it (RFC 3464).
_RETURNED = """\
From: Mail Delivery System <MAILER-DAEMON@sandbox.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="returned"

--returned
Content-Type: text/plain; charset=utf-8

The mailbox does not exist.

--returned
Content-Type: message/delivery-status

Final-Recipient: rfc822; {to}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 No such mailbox

--returned
Content-Type: text/rfc822-headers

To: {to}
Message-ID: {mail_id}
X-Bellhop-Attempt: {token}

--returned--
"""


def get(taken_id: int) -> SandboxMessage:
    """Find what the sandbox took.

    Raises:
        NotFound: there is no such message.
    """
    found = db.session.get(SandboxMessage, taken_id)
    if found is None:
        raise NotFound(gettext("The sandbox has no such message."))
    return found


def reports(taken: SandboxMessage) -> list[str]:
    """Returns what a provider may report of this message."""
    if not taken.channel.has_receipts:
        return []
    return [status for status in REPORTS if status != MessageStatus.READ or taken.channel.has_read_receipts]


def answer(taken: SandboxMessage, text: str, *, key: str) -> bool:
    """The guest writes back. Returns whether the reply is new: a form that is posted twice makes one.

    Raises:
        Invalid: the text is empty or too long, or nobody can write back there.
    """
    if taken.channel.address_field != "phone":
        raise Invalid(gettext("Only a text to a phone can be answered here."))
    try:
        body = paragraph(text, LONGEST_REPLY, gettext("Write what the guest answers."))
    except ValueError as error:
        raise Invalid(fields={"text": str(error)}) from error
    return inbound.receive(taken.channel, taken.to, provider_id=f"sandbox-{key[:40]}", body=body)


def report(taken: SandboxMessage, status: str) -> bool:
    """The provider reports late. Returns whether the message moved.

    Raises:
        Invalid: no provider reports that of this message.
    """
    if status not in reports(taken):
        raise Invalid(gettext("No provider reports that of this message."))
    row_id, token, provider_id = taken.id, taken.token, taken.provider_id
    moved = receipts.receive(token, provider_id=provider_id, status=status, code=REPORTS[status], source="sandbox")
    _follow(row_id, status)
    return moved


def send_back(taken: SandboxMessage) -> bool:
    """The mail comes back: the mailbox does not exist. Returns whether its message moved.

    Raises:
        Invalid: it is no mail, or its message is deleted already.
    """
    with reading():
        sent = db.session.scalar(
            select(Message.mail_id).join(Attempt, Attempt.message_id == Message.id).where(Attempt.token == taken.token)
        )
    if not sent:
        raise Invalid(gettext("Only a mail whose message is still kept can come back."))
    row_id, raw = taken.id, _RETURNED.format(to=taken.to, mail_id=sent, token=taken.token).encode()
    moved = bounces.take(returned.read(raw), raw) == bounces.LOST
    _follow(row_id, LOST)
    return moved


def _follow(row_id: int, status: str) -> None:
    """Let the taken message have this status if its attempt has: its own receipts end. Also after a crash between."""
    arrived = exists().where(Attempt.token == SandboxMessage.token, Attempt.receipt_rank == ReceiptRank.of(status))
    with writing():
        follows = update(SandboxMessage).where(SandboxMessage.id == row_id, arrived)
        changed(follows.values(status=status, next_step_at=None))
