"""What became of the messages of the demo's past: made as acts make them, and settled before a worker sees them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from sqlalchemy import select

from webapp import words
from webapp.channels import sandbox
from webapp.extensions import db
from webapp.models import (
    Attempt,
    AttemptOutcome,
    Audit,
    Booking,
    ChannelName,
    Message,
    MessageStatus,
    ReceiptRank,
    SandboxMessage,
)
from webapp.services import audit, messages
from webapp.services.audit import BELLHOP
from webapp.services.guests import reach
from webapp.services.messages import channel_order
from webapp.services.messages.compose import FRESH_AT_LEAST, FRESH_AT_MOST, PreparedMessages
from webapp.services.texts import Paid

UNDO = timedelta(seconds=8)
# How many seconds most messages waited, how many some did, and how many a few.
WAITS, SHARES = ((0.3, 1.9), (2.5, 9.0), (12.0, 28.0)), (90, 8, 2)
PUT_OFF_SHARE, READ_SHARE = 0.05, 0.5


def tell(
    booking: Booking, act: Audit, at: datetime, dice: Random, *, reason: str = "", paid: Paid | None = None
) -> None:
    """Add the messages of an act at a moment of the past, as they ended, inside the current write transaction."""
    event = audit.ACTS[act.action].tells
    if event is None:
        return
    db.session.flush()
    prepared = messages.prepare(booking, event, becomes=booking.status, reason=reason, paid=paid)
    for message in _added(prepared, act, at):
        if _end(message, dice):
            continue
        for channel in _left(message, booking):
            only = messages.prepare(booking, event, becomes=booking.status, reason=reason, paid=paid, only=channel)
            _stand_in(message, only, act, dice)
            break


def _added(prepared: PreparedMessages, act: Audit, at: datetime) -> Sequence[Message]:
    """Returns the messages, made and due at their moment of the past."""
    newest = db.session.scalar(select(Message.id).order_by(Message.id.desc()).limit(1)) or 0
    messages.add(prepared, act.id)
    made = db.session.scalars(select(Message).where(Message.id > newest).order_by(Message.id)).all()
    for message in made:
        message.created_at, message.due_at, message.first_due_at = at, at + UNDO, at + UNDO
        message.expires_at = min(max(prepared.starts_at, at + FRESH_AT_LEAST), at + FRESH_AT_MOST)
    return made


def _end(message: Message, dice: Random) -> bool:
    """Write the attempts of a message and how it ended. Returns whether it was taken."""
    if not message.is_open:
        message.settled_at = message.created_at
        return True
    due = message.due_at
    code = sandbox.refusal(message.channel, message.to)
    if not code and not message.channel.has_receipts and dice.random() < PUT_OFF_SHARE:
        _attempt(message, due + timedelta(seconds=1), dice, AttemptOutcome.TEMPORARY, sandbox.GREYLISTED[1])
        message.tries_used, due = 1, due + timedelta(seconds=63)
    ended = due + timedelta(seconds=dice.uniform(*dice.choices(WAITS, SHARES)[0]))
    message.settled_at = ended
    if code:
        _attempt(message, ended, dice, AttemptOutcome.PERMANENT, code)
        message.status, message.error_code, message.error_detail = MessageStatus.FAILED, code, "Simulated"
        return False
    _taken(message, _attempt(message, ended, dice, AttemptOutcome.ACCEPTED), ended, dice)
    return True


def _attempt(message: Message, ended: datetime, dice: Random, outcome: AttemptOutcome, code: str = "") -> Attempt:
    message.attempts_made += 1
    message.token = f"{dice.getrandbits(128):032x}"
    attempt = Attempt(
        message_id=message.id,
        number=message.attempts_made,
        token=message.token,
        provider="sandbox",
        started_at=ended - timedelta(seconds=0.25),
        ended_at=ended,
        outcome=outcome,
        code=code,
        detail="Simulated",
    )
    db.session.add(attempt)
    return attempt


def _taken(message: Message, attempt: Attempt, ended: datetime, dice: Random) -> None:
    """Write that the provider took a message, and its receipts."""
    message.status, message.sent_at, status = MessageStatus.SENT, ended, "sent"
    attempt.provider_id = f"{sandbox.IDS[message.channel.address_field]}{dice.getrandbits(128):032x}"
    if message.channel.has_receipts:
        is_read = message.channel.has_read_receipts and dice.random() < READ_SHARE
        message.status = MessageStatus.READ if is_read else MessageStatus.DELIVERED
        message.delivered_at = ended + timedelta(seconds=dice.uniform(0.8, 6.0))
        message.settled_at = attempt.receipt_at = message.delivered_at
        attempt.receipt = status = message.status.value
        attempt.receipt_rank = ReceiptRank.of(status)
    kept = {name: getattr(message, name) for name in ("channel", "to", "subject", "body", "html", "reference")}
    shown = SandboxMessage(token=attempt.token, provider_id=attempt.provider_id, status=status, at=ended, **kept)
    db.session.add(shown)


def _left(failed: Message, booking: Booking) -> list[ChannelName]:
    """Returns the channels that stand in for a failed message, in order; it has none if it does not fall back."""
    if not failed.falls_back:
        return []
    failed.falls_back = False  # Nobody looks for a way on from here again.
    order = channel_order.of(failed.event)
    usable = {one.channel for one in reach.find([booking])[0] if one.is_open}
    return [channel for channel in order[order.index(failed.channel) + 1 :] if channel in usable]


def _stand_in(failed: Message, prepared: PreparedMessages, act: Audit, dice: Random) -> None:
    own = {"fallback_of_id": failed.id, "falls_back": False}
    prepared = replace(prepared, supersedes=[], rows=[row | own for row in prepared.rows])
    at = failed.settled_at or failed.created_at
    for message in _added(prepared, act, at - UNDO + timedelta(seconds=1)):
        failed.resolved_at, failed.resolved_by = at, BELLHOP.name
        failed.resolved_note = f"Sent by {words.CHANNEL[message.channel].text} instead."
        _end(message, dice)
