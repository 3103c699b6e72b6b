"""Undoing the last act on a booking, whichever it was, as long as none of its messages was claimed."""

from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from webapp.database import changed, now, read_now, writing
from webapp.errors import Conflict, NotFound, Outrun
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import (
    NOT_CLOSED,
    Action,
    Audit,
    Booking,
    BookingStatus,
    Message,
    MessageStatus,
    Payment,
    PaymentState,
)
from webapp.services import audit, messages
from webapp.services.audit import Actor
from webapp.services.bookings import edit
from webapp.services.bookings.act import Seen, touch
from webapp.services.messages import bell
from webapp.settings import current

TOO_LATE = N_("It is too late to undo: the messages are already going out.")


def undo(booking: Booking, act_id: int, *, by: Actor) -> int:
    """Skip all messages of an act and restore the state before it, in one transaction, or do nothing.

    Earlier messages that the act had stopped go out after all; returns how many.

    Raises:
        NotFound: the act belongs to another booking or cannot be undone.
        Outrun: somebody did something else since.
        Conflict: a message of the act was claimed already.
    """
    try:
        with writing():
            act = db.session.get(Audit, act_id)
            if act is None or act.booking_id != booking.id or act.action not in audit.UNDOABLE:
                raise NotFound(gettext("There is nothing to undo."))
            _restore(booking, act)
            _skip_messages(act)
            back = messages.bring_back(act)
            audit.record(
                Action.UNDONE, by=by, booking_id=booking.id, payment_id=act.payment_id, act=act.id, brought_back=back
            )
            guest_id = booking.guest_id
    except Outrun as error:
        return int(audit.first_result(by, error).detail.get("brought_back", 0))
    if back:
        bell.ring(guest_id)
    return back


def _skip_messages(act: Audit) -> None:
    of_act = Message.act_id == act.id
    # A message that was skipped from the beginning (opted out) was never going out.
    made = db.session.scalars(
        select(func.count()).where(of_act, Message.status != MessageStatus.SKIPPED).select_from(Message)
    ).one()
    skipped = changed(
        update(Message)
        .where(of_act, Message.status == MessageStatus.WAITING, Message.attempts_made == 0)
        .values(status=MessageStatus.SKIPPED, error_code="undone", settled_at=now())
    )
    if skipped != made:
        raise Conflict(gettext(TOO_LATE))
    # Without messages the time decides.
    moment = read_now()
    if not made and moment - act.at > timedelta(seconds=max(60, current().undo_seconds)):
        raise Conflict(gettext("It is too late to undo this."))


def _restore(booking: Booking, act: Audit) -> None:
    """Bring the booking or its payment back to where it was, and count that as a version of its own.

    Raises:
        Outrun: the booking has another version than the act left.
    """
    if act.action in (Action.BOOKING_CHANGED, Action.MESSAGE_SENT_AFRESH):
        edit.change_back(booking, act)
        _open_again(act)
        return
    touch(booking, Seen(booking.id, booking.status, act.detail["version"]))
    if act.payment_id is None:
        booking.status = BookingStatus(act.detail["before"])
        return
    payment = db.session.get_one(Payment, act.payment_id)
    if act.detail["before"]:
        decided = act.detail.get("decided_at")  # Of a reversed payment: when it was verified.
        payment.status, payment.reason = PaymentState(act.detail["before"]), ""
        payment.decided_at = datetime.fromisoformat(decided) if decided else None
        return
    act.payment_id = None  # The act has added the payment: its details say what was recorded.
    db.session.flush()
    db.session.delete(payment)


def _open_again(act: Audit) -> None:
    """Open the failures again that sending them once more had closed."""
    db.session.execute(
        update(Message)
        .where(Message.id.in_(act.detail.get("failures", [])), Message.resolved_at.is_not(None))
        .values(NOT_CLOSED)
    )
