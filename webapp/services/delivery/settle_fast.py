"""The common case, short: a message's first try is accepted, and nothing else is known of it.

It does what `settle` does, with three prebuilt statements in place of a dozen. Whatever is not plain (a late
answer, an earlier attempt, a receipt that came first, a probe, a channel that had failed) is left to `settle`.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from webapp.channels.base import Accepted
from webapp.database import now, writing_rows
from webapp.extensions import db
from webapp.models import AttemptOutcome, ChannelName, MessageStatus

ASK_AFTER = (60.0, 600.0, 3600.0, 86_400.0)  # Seconds until a receipt that did not come by itself is asked for.
_tables = db.metadata.tables
_message, _attempt, _channel = _tables["message"], _tables["attempt"], _tables["channel"]


def first_ask(channel: ChannelName, moment: datetime) -> datetime | None:
    """When the provider is asked first what became of an accepted message; e-mail has no receipts."""
    return None if channel is ChannelName.EMAIL else moment + timedelta(seconds=ASK_AFTER[0])


# Locks the message, as everything that settles does first: only then is the attempt's row looked at.
_LOCK: Select[Any] = (
    select(
        _message.c.id,
        _message.c.channel,
        _message.c.status,
        _message.c.token,
        _message.c.attempts_made,
        _message.c.simulated,
        _channel.c.failures_in_row,
        _channel.c.pause_kind,
        now().label("moment"),
    )
    .select_from(_message.outerjoin(_channel, _channel.c.name == _message.c.channel))
    .where(_message.c.id == select(_attempt.c.message_id).where(_attempt.c.token == bindparam("of")).scalar_subquery())
    .with_for_update(of=_message)
)
# No receipt and no other answer came first, and it is no probe.
_ATTEMPT = (
    update(_attempt)
    .where(_attempt.c.token == bindparam("of"), _attempt.c.outcome.is_(None), _attempt.c.receipt_rank == 0)
    .where(_attempt.c.is_probe.is_(False))
    .values(
        outcome=AttemptOutcome.ACCEPTED,
        code="",
        detail=bindparam("said"),
        provider_id=bindparam("known_as"),
        ended_at=bindparam("at"),
        next_look_at=None,
        next_ask_at=bindparam("ask_at"),
    )
)
_MESSAGE = (
    update(_message)
    .where(_message.c.id == bindparam("sent_id"))
    .values(
        status=MessageStatus.SENT,
        lease_until=None,
        error_code="",
        error_detail="",
        sent_at=bindparam("at"),
        settled_at=bindparam("at"),
    )
)


def accept(token: str, outcome: Accepted) -> bool:
    """Settle an accepted first try in one transaction; False: it is not that plain, and nothing was written."""
    with writing_rows() as connection:
        return _accept(connection, token, outcome)


def _accept(connection: Connection, token: str, outcome: Accepted) -> bool:
    row = connection.execute(_LOCK, {"of": token}).one_or_none()
    if row is None or row.status is not MessageStatus.SENDING or row.token != token or row.attempts_made != 1:
        return False
    if not row.simulated and (row.failures_in_row or row.pause_kind):
        return False
    facts = {
        "of": token,
        "said": outcome.detail[:500],
        "known_as": outcome.provider_id[:120],
        "at": row.moment,
        "ask_at": first_ask(row.channel, row.moment),
    }
    if connection.execute(_ATTEMPT, facts).rowcount != 1:
        return False
    connection.execute(_MESSAGE, {"sent_id": row.id, "at": row.moment})
    return True
