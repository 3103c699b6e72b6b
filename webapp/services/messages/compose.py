"""Making messages: rows in the same transaction as the act that causes them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from webapp.database import changed, later, now, writing
from webapp.extensions import db
from webapp.logs import request_id
from webapp.models import Audit, Booking, BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services.messages import drafts, truth
from webapp.services.messages.drafts import Draft
from webapp.services.texts import Paid

# A text is stale when the booking starts, but never sooner than an hour nor later than a day.
FRESH_AT_LEAST, FRESH_AT_MOST = timedelta(hours=1), timedelta(hours=24)

_message, _guest = db.metadata.tables["message"], db.metadata.tables["guest"]
_NUMBERS = (
    update(_guest)
    .where(_guest.c.id == bindparam("guest"))
    .values(next_seq=_guest.c.next_seq + bindparam("many"))
    .returning(_guest.c.next_seq, now().label("moment"))
)
_SUPERSEDE = (
    update(_message)
    .where(_message.c.booking_id == bindparam("of"), _message.c.event.in_(bindparam("void", expanding=True)))
    .where(_message.c.status == MessageStatus.WAITING)
    .values(status=MessageStatus.SKIPPED, error_code="superseded", settled_at=bindparam("at"))
    .returning(_message.c.id)
)


@dataclass(frozen=True)
class Letters:
    """What an act will tell, written before its transaction begins, and what it makes untrue."""

    guest_id: int
    booking_id: int
    starts_at: datetime
    drafts: list[Draft]
    void: list[Event]  # Of this booking's messages, those about such an event are void.


def prepare(
    booking: Booking,
    event: Event,
    *,
    becomes: BookingStatus | None = None,
    reason: str = "",
    paid: Paid | None = None,
    only: ChannelName | None = None,
) -> Letters:
    """Write the messages of an act that leaves the booking in the state `becomes`; `only` on one chosen channel.

    What is about a payment needs `paid`.

    Only an act that moves the booking's version on makes messages for it, so those that it has now are all that
    the act can find.
    """
    status = becomes or booking.status
    void = {m.event for m in booking.messages if truth.is_superseded(m.event, status)}
    written = drafts.write(booking, event, reason=reason, paid=paid, only=only)
    return Letters(booking.guest_id, booking.id, booking.starts_at, written, sorted(void))


def add(letters: Letters, act_id: int, *, hold: float = 0) -> None:
    """Add what was prepared inside the act's write transaction, due after `hold` seconds."""
    first, moment = _take_numbers(letters.guest_id, len(letters.drafts))
    if letters.void:
        _supersede(letters, act_id, moment)
    _insert(letters, act_id, first, moment, hold)


def release(act_ids: Sequence[int], seconds: float) -> None:
    """Let the held messages of these acts be due together, `seconds` from now; none becomes due later than it was."""
    with writing():
        moment = db.session.scalars(select(later(seconds))).one()  # One value: the function is asked for each row.
        changed(
            update(Message)
            .where(
                Message.act_id.in_(act_ids),
                Message.status == MessageStatus.WAITING,
                Message.attempts_made == 0,
                Message.due_at > moment,
            )
            .values(due_at=moment, first_due_at=moment)
        )


def add_to(act_id: int | None, letters: Letters) -> None:
    """Add to an act of before what it told too little of; what it made void is void already."""
    _insert(letters, act_id, *_take_numbers(letters.guest_id, len(letters.drafts)))


def _insert(letters: Letters, act_id: int | None, first: int, moment: datetime, hold: float = 0) -> None:
    shared: dict[str, Any] = {
        "act_id": act_id,
        "trace_id": request_id.current(),
        "due_at": moment + timedelta(seconds=hold),
        "first_due_at": moment + timedelta(seconds=hold),
        "expires_at": min(max(letters.starts_at, moment + FRESH_AT_LEAST), moment + FRESH_AT_MOST),
    }
    rows = [
        draft | shared | {"seq": seq, "settled_at": None if draft["status"] is MessageStatus.WAITING else moment}
        for seq, draft in enumerate(letters.drafts, start=first)
    ]
    if rows:
        db.session.execute(insert(_message), rows)


def _supersede(letters: Letters, act_id: int, moment: datetime) -> None:
    """Skip what waits and is no longer true; the act keeps which, for its undo."""
    void = {"of": letters.booking_id, "void": letters.void, "at": moment}
    if skipped := sorted(db.session.scalars(_SUPERSEDE, void)):
        act = db.session.get_one(Audit, act_id)
        act.detail = act.detail | {"superseded": skipped}


def bring_back(ids: Iterable[int]) -> int:
    """Let messages wait again that an act skipped as superseded, now that it is undone; how many."""
    return changed(
        update(Message)
        .where(Message.id.in_(ids), Message.status == MessageStatus.SKIPPED, Message.error_code == "superseded")
        .values(status=MessageStatus.WAITING, error_code="", settled_at=None)
    )


def number(guest_id: int, made: Sequence[Message]) -> None:
    """Give messages the guest's next numbers, inside the current write transaction."""
    first, _ = _take_numbers(guest_id, len(made))
    for seq, message in enumerate(made, start=first):
        message.seq = seq


def _take_numbers(guest_id: int, many: int) -> tuple[int, datetime]:
    """The first of the guest's next numbers, and the time; the row lock makes commit order the order of numbers."""
    after, moment = db.session.execute(_NUMBERS, {"guest": guest_id, "many": many}).one()
    return after - many, moment
