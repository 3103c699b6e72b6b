"""The rules of a lane as SQL: which message may be handed over now.

One predicate serves the look, the claim and the ring. Each statement is built once, here, over the plain
tables: building one costs more than the database needs to run it, and SQLAlchemy's ORM aliases fill in
their columns lazily, which is not safe when threads share them. `tests/services/delivery/test_claim_plan.py` fails
when a plan stops using its index.
"""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, exists, false, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.selectable import NamedFromClause

from webapp.database import ASKED_ONCE, Later, now
from webapp.extensions import db
from webapp.models import OPEN, THE_ONE, ChannelName, MessageStatus
from webapp.models.types import Usual, literal_words

_tables = db.metadata.tables
MESSAGE, BOOKING, CHANNEL = _tables["message"], _tables["booking"], _tables["channel"]
OPT_OUT, MARK = _tables["opt_out"], _tables["database_mark"]
_WAITING = literal_words(MessageStatus.WAITING)[0]
_SENDING = literal_words(MessageStatus.SENDING)[0]
_candidate, _earlier, _busy = MESSAGE.alias("candidate"), MESSAGE.alias("earlier"), MESSAGE.alias("busy")
_c = _candidate.c


def _claimable(entity: NamedFromClause[Any]) -> ColumnElement[bool]:
    """Returns the condition: waiting, due, on an open channel, behind no open message of that guest and channel."""
    behind = exists().where(
        _earlier.c.guest_id == entity.c.guest_id,
        _earlier.c.channel == entity.c.channel,
        _earlier.c.seq < entity.c.seq,
        _earlier.c.status.in_(literal_words(*OPEN)),
        _earlier.c.stepped_aside.is_(false()),
    )
    closed = exists().where(CHANNEL.c.name == entity.c.channel, CHANNEL.c.paused_until > now())
    return and_(Usual(entity.c.status == _WAITING), entity.c.due_at <= ASKED_ONCE, ~behind, ~closed)


_of_guest = and_(_c.guest_id == bindparam("guest"), _claimable(_candidate))

_not_without = _c.channel.not_in(bindparam("without", expanding=True))


def _due() -> Select[int]:
    in_flight = exists().where(_busy.c.guest_id == _c.guest_id, _busy.c.status == _SENDING)
    # Workers wait for the sender's next moment by themselves, and a crowd that does must not hide other channels.
    too_soon = exists().where(CHANNEL.c.name == _c.channel, CHANNEL.c.next_send_at > now())
    lanes = select(_c.guest_id).where(_claimable(_candidate), ~in_flight, ~too_soon, _not_without)
    # A guest has at most one claimable message a channel, so this many rows hold `limit` guests.
    return lanes.order_by(_c.due_at).limit(bindparam("rows"))


def _claim() -> ReturningUpdate[int]:
    """The one guarded UPDATE. Its outer WHERE repeats status and due time: PostgreSQL rechecks only that."""
    head = select(_c.id).where(_of_guest, _c.channel == bindparam("on")).order_by(_c.seq).limit(1).scalar_subquery()
    return (
        update(MESSAGE)
        .where(MESSAGE.c.id == head, MESSAGE.c.status == _WAITING, MESSAGE.c.due_at <= now())
        .values(
            status=_SENDING,
            token=bindparam("new_token"),
            lease_until=Later(bindparam("lease")),
            attempts_made=MESSAGE.c.attempts_made + 1,
        )
        .returning(MESSAGE.c.id)
    )


def _claimed() -> Select[tuple[object, ...]]:
    """Returns a claimed message with all that decides whether it is sent: booking, opt-outs, channel, time, epoch."""
    said_stop = exists().where(OPT_OUT.c.channel == MESSAGE.c.channel, OPT_OUT.c.address == MESSAGE.c.to_address)
    joined = MESSAGE.outerjoin(BOOKING, BOOKING.c.id == MESSAGE.c.booking_id).outerjoin(
        CHANNEL, CHANNEL.c.name == MESSAGE.c.channel
    )
    return (
        select(
            MESSAGE,
            BOOKING.c.status.label("booking_status"),
            BOOKING.c.is_demo.label("is_demo"),
            CHANNEL.c.paused_until,
            CHANNEL.c.pause_kind,
            CHANNEL.c.pause_seconds,
            CHANNEL.c.next_send_at,
            said_stop.label("said_stop"),
            select(MARK.c.epoch).where(MARK.c.id == THE_ONE).scalar_subquery().label("epoch"),
            now().label("moment"),
        )
        .select_from(joined)
        .where(MESSAGE.c.id == bindparam("claimed"))
    )


LOOK: Select[ChannelName] = select(_c.channel).where(_of_guest, _not_without).order_by(_c.seq).limit(1)
DUE = _due()
CLAIM = _claim()
CLAIMED = _claimed()
ATTEMPT = insert(_tables["attempt"])
