"""Finding and claiming the next message of a guest's lane. The rules are in `claim_sql`."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, update
from sqlalchemy.exc import IntegrityError

from webapp import clock
from webapp.channels.base import Outgoing
from webapp.database import reading_rows, writing_rows
from webapp.models import ChannelName, Message, MessageStatus
from webapp.services.delivery import channel_gate, claim_sql, known_epoch
from webapp.services.messages import truth
from webapp.settings import current


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A message that this process alone may hand over until its lease ends."""

    outgoing: Outgoing
    simulated: bool
    is_probe: bool
    lease_ends: float  # On this process's monotonic clock, read before the claim.


@dataclass(frozen=True)
class Closed:
    """A message that was claimed and closed unsent; the lane goes on."""

    message_id: int


@dataclass(frozen=True)
class NotYet:
    """The sender's rate lets nothing out on this channel for so many seconds."""

    seconds: float


def due_lanes(limit: int, *, without: Collection[ChannelName] = ()) -> list[int]:
    """Returns the guests with the longest-due messages that a claim would take now, on channels not in `without`."""
    with reading_rows() as connection:
        rows = connection.scalars(claim_sql.DUE, {"rows": limit * len(ChannelName), "without": list(without)})
        return list(dict.fromkeys(rows))[:limit]


def look(guest_id: int, *, without: Collection[ChannelName] = ()) -> ChannelName | None:
    """Returns the channel of the lane's next claimable message; the read locks nothing."""
    with reading_rows() as connection:
        return connection.scalar(claim_sql.LOOK, {"guest": guest_id, "without": list(without)})


def claim(guest_id: int, channel: ChannelName, *, worker: str) -> Claimed | Closed | NotYet | None:
    """Claim the lane's next message on this channel, with its attempt row, in one transaction.

    Returns None if the lane is busy, or another worker took the message or the channel's one probe.
    """
    begun = clock.monotonic()
    least = known_epoch.of_app().least  # Read before the row is, which only grows.
    try:
        with writing_rows() as connection:
            return _claim(connection, guest_id, channel, worker, begun, least)
    except IntegrityError:
        return None  # `one_sending`: another worker holds this lane.
    except (channel_gate.NotOurTurn, known_epoch.Behind):
        return None
    except channel_gate.TooSoon as error:
        return NotYet(error.seconds)


def _claim(
    connection: Connection, guest_id: int, channel: ChannelName, worker: str, begun: float, least: int
) -> Claimed | Closed | None:
    lease, token = current().lease_seconds, secrets.token_hex(16)
    asked = {"guest": guest_id, "on": channel, "new_token": token, "lease": lease}
    message_id = connection.scalar(claim_sql.CLAIM, asked)
    if message_id is None:
        return None
    row = connection.execute(claim_sql.CLAIMED, {"claimed": message_id}).one()
    known_epoch.must_reach(row.epoch, least)
    if void := _void(row):
        _close(connection, row, *void)
        return Closed(message_id)
    is_probe = channel_gate.pass_gate(connection, channel, row)
    connection.execute(
        claim_sql.ATTEMPT,
        {
            "message_id": message_id,
            "number": row.attempts_made,
            "token": token,
            "provider": "sandbox" if row.simulated else current().provider(channel),
            "worker": worker,
            "is_probe": is_probe,
            "started_at": row.moment,
        },
    )
    return Claimed(
        outgoing=_outgoing(row, token),
        simulated=row.simulated or bool(row.is_demo),
        is_probe=is_probe,
        lease_ends=begun + lease,
    )


def _void(row: Row[Any]) -> tuple[MessageStatus, str] | None:
    """Returns why a claimed message is not sent after all; checked inside the claim's transaction."""
    code = truth.why_void(row.event, row.booking_status, row.expires_at, row.moment)
    code = code or ("opted_out" if row.said_stop else "")
    return (MessageStatus.FAILED if code == "expired" else MessageStatus.SKIPPED, code) if code else None


def _close(connection: Connection, row: Row[Any], status: MessageStatus, code: str) -> None:
    """Settle a claimed message unsent; it made no attempt."""
    connection.execute(
        update(Message)
        .where(Message.id == row.id)
        .values(
            status=status,
            error_code=code,
            error_detail="",
            settled_at=row.moment,
            token=None,
            lease_until=None,
            attempts_made=row.attempts_made - 1,
        )
    )


def _outgoing(row: Row[Any], token: str) -> Outgoing:
    settings = current()
    base = settings.callback_base()
    return Outgoing(
        message_id=row.id,
        channel=row.channel,
        event=row.event,
        token=token,
        to=row.to_address,
        reference=row.reference,
        body=row.body,
        subject=row.subject,
        html=row.html,
        content_sid=row.content_sid,
        content_variables=row.content_variables,
        mail_id=row.mail_id,
        business=settings.business_name,
        callback_url=f"{base}/webhooks/twilio/status/{token}" if base else "",
        started_at=row.moment,
        expires_in=(row.expires_at - row.moment).total_seconds(),
        trace_id=row.trace_id,
    )
