"""A message's first try is accepted, and nothing else is known of it: settled by three statements, not a dozen.

`projection` decides what the columns become, here as in `settle`. Every case that is not plain (a late answer, an
earlier attempt, a receipt that came first, a probe, a channel that had failed) is left to `settle`.
"""

from typing import Any

from sqlalchemy import Connection, Select, bindparam, select, update

from webapp.channels.base import Accepted
from webapp.database import now, writing_rows
from webapp.extensions import db
from webapp.models import MessageStatus
from webapp.services.delivery import projection
from webapp.services.delivery.projection import Verdict

_tables = db.metadata.tables
_message, _attempt, _channel = _tables["message"], _tables["attempt"], _tables["channel"]
# Locks the message, as everything that settles does first: only then is the attempt's row looked at.
_LOCK: Select[Any] = (
    select(
        _message.c.id,
        _message.c.channel,
        _message.c.status,
        _message.c.token,
        _message.c.attempts_made,
        _message.c.simulated,
        _message.c.sent_at,
        _message.c.delivered_at,
        _channel.c.failures_in_row,
        _channel.c.pause_kind,
        now().label("moment"),
    )
    .select_from(_message.outerjoin(_channel, _channel.c.name == _message.c.channel))
    .where(_message.c.id == select(_attempt.c.message_id).where(_attempt.c.token == bindparam("of")).scalar_subquery())
    .with_for_update(of=_message)
)
# No receipt and no other answer came first, and it is no probe. The columns come with the values.
_ATTEMPT = update(_attempt).where(
    _attempt.c.token == bindparam("of"),
    _attempt.c.outcome.is_(None),
    _attempt.c.receipt_rank == 0,
    _attempt.c.is_probe.is_(False),
)
_MESSAGE = update(_message).where(_message.c.id == bindparam("of"))


def accept(token: str, outcome: Accepted) -> bool:
    """Settle an accepted first try in one transaction. Returns False where it is not plain: nothing is written."""
    with writing_rows() as connection:
        return _accept(connection, token, outcome)


def _accept(connection: Connection, token: str, outcome: Accepted) -> bool:
    row = connection.execute(_LOCK, {"of": token}).one_or_none()
    if row is None or row.status is not MessageStatus.SENDING or row.token != token or row.attempts_made != 1:
        return False
    if not row.simulated and (row.failures_in_row or row.pause_kind):
        return False
    columns = projection.accepted(outcome, row.channel, row.moment)
    if connection.execute(_ATTEMPT, {"of": token, **columns}).rowcount != 1:
        return False
    connection.execute(_MESSAGE, {"of": row.id, **projection.settled(row, Verdict(MessageStatus.SENT), row.moment)})
    return True
