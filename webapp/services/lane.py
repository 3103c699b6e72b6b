"""The lane rules: which message may be handed over now, and who takes it.

One predicate serves both the claim and the ring. `docs/adr/` tells why each index and each literal
word is there; `tests/services/test_lane_plan.py` fails when a plan stops using them.
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, false, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased
from sqlalchemy.sql.dml import ReturningUpdate

from webapp import clock
from webapp.channels.base import Outgoing
from webapp.database import later, now, reading, writing
from webapp.extensions import db
from webapp.models import (
    OPEN,
    Attempt,
    Booking,
    BookingStatus,
    ChannelName,
    ChannelState,
    Message,
    MessageStatus,
)
from webapp.models.types import Usual, literal_words
from webapp.services import messages, switches
from webapp.settings import current

_WAITING = literal_words(MessageStatus.WAITING)[0]
_SENDING = literal_words(MessageStatus.SENDING)[0]
# Made once: a new alias costs 7 ms of work for its columns, which is more than the claim itself.
_candidate, _earlier, _busy = aliased(Message), aliased(Message), aliased(Message)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A message that this process alone may hand over until its lease ends."""

    outgoing: Outgoing
    simulated: bool
    is_probe: bool
    lease_ends: float  # On this process's monotonic clock, read before the claim.


@dataclass(frozen=True)
class Closed:
    """A message that turned out not to be sent any more; the lane goes on."""

    message_id: int


def claimable(entity: type[Message]) -> ColumnElement[bool]:
    """SQL: waiting, due, on an open channel, and no earlier open message of that guest and channel before it."""
    behind = exists().where(
        _earlier.guest_id == entity.guest_id,
        _earlier.channel == entity.channel,
        _earlier.seq < entity.seq,
        _earlier.status.in_(literal_words(*OPEN)),
        _earlier.stepped_aside.is_(false()),
    )
    closed = exists().where(ChannelState.name == entity.channel, ChannelState.paused_until > now())
    return and_(Usual(entity.status == _WAITING), entity.due_at <= now(), ~behind, ~closed)


def due_lanes(limit: int) -> list[int]:
    """The guests whose longest-due message a claim would take now."""
    in_flight = exists().where(_busy.guest_id == _candidate.guest_id, _busy.status == _SENDING)
    # A guest has at most one claimable message a channel, so this many rows hold `limit` guests.
    rows = select(_candidate.guest_id).where(claimable(_candidate), ~in_flight).order_by(_candidate.due_at)
    with reading():
        found = db.session.scalars(rows.limit(limit * len(ChannelName))).all()
    return list(dict.fromkeys(found))[:limit]


def look(guest_id: int, *, without: Collection[ChannelName] = ()) -> ChannelName | None:
    """The channel of the lane's next claimable message, by a read that locks nothing."""
    head = select(_candidate.channel).where(_candidate.guest_id == guest_id, claimable(_candidate))
    if without:
        head = head.where(_candidate.channel.notin_(literal_words(*without)))
    with reading():
        return db.session.scalar(head.order_by(_candidate.seq).limit(1))


def claim(guest_id: int, channel: ChannelName, *, worker: str) -> Claimed | Closed | None:
    """Take the lane's next message on this channel, with its attempt row, in one transaction.

    None: the lane is busy, or somebody else took the message or the channel's one probe.
    """
    begun = clock.monotonic()
    try:
        with writing():
            return _claim(guest_id, channel, worker, begun)
    except IntegrityError:
        return None  # `one_sending`: another worker holds this lane.
    except switches.NotOurTurn:
        return None


def _claim(guest_id: int, channel: ChannelName, worker: str, begun: float) -> Claimed | Closed | None:
    lease = current().lease_seconds
    token = secrets.token_hex(16)
    row = db.session.execute(claim_statement(guest_id, channel, token, lease)).one_or_none()
    if row is None:
        return None
    message, status, is_demo, moment = _whole(row.id)
    if void := _void(message, status, moment):
        _close(message, *void, moment)
        return Closed(message.id)
    is_probe = switches.pass_gate(channel)
    attempt = Attempt(
        message_id=message.id,
        number=message.attempts_made,
        token=token,
        provider="",
        worker=worker,
        is_probe=is_probe,
        started_at=moment,
    )
    attempt.provider = "sandbox" if message.simulated else current().provider(channel)
    db.session.add(attempt)
    return Claimed(
        outgoing=_outgoing(message, token, moment),
        simulated=message.simulated or bool(is_demo),
        is_probe=is_probe,
        lease_ends=begun + lease,
    )


def claim_statement(guest_id: int, channel: ChannelName, token: str, lease: float) -> ReturningUpdate[int]:
    """The one guarded UPDATE. Its outer WHERE repeats status and due time: PostgreSQL rechecks only that."""
    head = (
        select(_candidate.id)
        .where(_candidate.guest_id == guest_id, _candidate.channel == channel, claimable(_candidate))
        .order_by(_candidate.seq)
        .limit(1)
        .scalar_subquery()
    )
    return (
        update(Message)
        .where(Message.id == head, Message.status == _WAITING, Message.due_at <= now())
        .values(status=_SENDING, token=token, lease_until=later(lease), attempts_made=Message.attempts_made + 1)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )


def _whole(message_id: int) -> tuple[Message, BookingStatus | None, bool | None, datetime]:
    found = db.session.execute(
        select(Message, Booking.status, Booking.is_demo, now().label("moment"))
        .outerjoin(Booking, Booking.id == Message.booking_id)
        .where(Message.id == message_id)
        .execution_options(populate_existing=True)
    ).one()
    return found[0], found[1], found[2], found[3]


def _void(message: Message, booking_status: BookingStatus | None, moment: datetime) -> tuple[MessageStatus, str] | None:
    """Why a claimed message is not sent after all; checked inside the claim's own transaction."""
    if message.expires_at <= moment:
        return MessageStatus.FAILED, "expired"
    if messages.is_superseded(message.event, booking_status):
        return MessageStatus.SKIPPED, "superseded"
    if messages.opted_out(message.channel, message.to):
        return MessageStatus.SKIPPED, "opted_out"
    return None


def _close(message: Message, status: MessageStatus, code: str, moment: datetime) -> None:
    """Settle a claimed message unsent; it made no attempt."""
    message.status, message.error_code, message.settled_at = status, code, moment
    message.token, message.lease_until = None, None
    message.attempts_made -= 1


def _outgoing(message: Message, token: str, moment: datetime) -> Outgoing:
    base = current().callback_base()
    return Outgoing(
        message_id=message.id,
        channel=message.channel,
        event=message.event,
        token=token,
        to=message.to,
        reference=message.reference,
        body=message.body,
        subject=message.subject,
        html=message.html,
        content_sid=message.content_sid,
        content_variables=message.content_variables,
        mail_id=message.mail_id,
        callback_url=f"{base}/webhooks/twilio/status/{token}" if base else "",
        started_at=moment,
        expires_in=(message.expires_at - moment).total_seconds(),
    )
