"""How every act on a booking is done: change it, record the act, add messages, commit, ring."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import STEPS, Action, Audit, Booking, BookingStatus
from webapp.services import audit, messages
from webapp.services.audit import Actor
from webapp.services.messages import bell
from webapp.services.messages.compose import PreparedMessages

_booking = db.metadata.tables["booking"]
_TOUCH = (
    update(_booking)
    .where(_booking.c.id == bindparam("of"), _booking.c.version == bindparam("seen_version"))
    .values(version=_booking.c.version + 1)
)
_MOVE = _TOUCH.where(_booking.c.status == bindparam("seen_status")).values(status=bindparam("to"))


@dataclass(frozen=True)
class Seen:
    """A booking as an act found it, in plain values: the row itself expires when a write transaction begins."""

    id: int
    status: BookingStatus
    version: int  # The version that the page showed, if the act comes from a page.


# The guest's messages, or a function that writes them after the change.
Letters = PreparedMessages | Callable[[], PreparedMessages | None] | None


def perform(
    booking: Booking,
    action: Action,
    change: Callable[[Seen], Mapping[str, Any]],
    *,
    by: Actor,
    expected_version: int | None = None,
    letters: Letters = None,
    hold: float | None = None,
) -> Audit:
    """Do one act in one transaction, then ring for its messages. A form that is posted twice gets its first result.

    `change` makes the change by a guarded UPDATE (`move`, `touch`) and returns details for the audit row. `letters`:
    the guest's messages, or a function that writes them after the change. `hold`: seconds that the messages wait;
    without it as long as this act can be undone.

    Raises:
        Outrun: somebody else was first.
        Conflict: `change` refuses.
    """
    if hold is None:
        hold = audit.ACTS[action].undo_seconds if by.may_undo else 0.0
    seen = Seen(booking.id, booking.status, booking.version if expected_version is None else expected_version)
    try:
        with writing():
            act, prepared = record(action, seen, change, by=by, letters=letters, hold=hold)
    except (Conflict, IntegrityError) as error:
        return audit.first_result(by, error)
    if prepared and not hold:
        bell.ring(prepared.guest_id)  # After commit: a worker must never look for a row that is not there yet.
    return act


def record(
    action: Action, seen: Seen, change: Callable[[Seen], Mapping[str, Any]], *, by: Actor, letters: Letters, hold: float
) -> tuple[Audit, PreparedMessages | None]:
    """Do one act inside the current write transaction; see `perform`. Returns its audit row and its messages."""
    detail = change(seen)
    act = audit.record(action, by=by, booking_id=seen.id, version=seen.version + 1, **detail)
    prepared = letters() if callable(letters) else letters
    if prepared:
        messages.add(prepared, act.id, hold=hold)
    return act, prepared


def move(booking: Booking, seen: Seen, to: BookingStatus) -> None:
    """Change the status by a guarded UPDATE: the row count says who was first.

    Raises:
        Outrun: somebody else was, or the state forbids it.
    """
    values = {"of": seen.id, "seen_version": seen.version, "seen_status": seen.status, "to": to}
    if to not in STEPS.get(seen.status, ()) or changed(_MOVE, values) != 1:
        raise audit.outrun(booking)


def touch(booking: Booking, seen: Seen) -> None:
    """Increase the version for an act that keeps the status.

    Raises:
        Outrun: the version is not the expected one.
    """
    if changed(_TOUCH, {"of": seen.id, "seen_version": seen.version}) != 1:
        raise audit.outrun(booking)
