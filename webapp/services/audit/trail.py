"""Writing down who did what, and telling a latecomer who was first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp import outcome
from webapp.errors import Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, User


@dataclass(frozen=True)
class Actor:
    """Who acts: a person at a page, a program with a key, or Bellhop itself."""

    name: str
    user_id: int | None = None
    # Pages hold a message back for UNDO_SECONDS; the API has no hold.
    may_undo: bool = False
    # The idempotency key of the form that was posted.
    form_key: str | None = None


BELLHOP = Actor("Bellhop")


def person(user: User, *, form_key: str | None = None) -> Actor:
    """A member of staff acting on a page."""
    return Actor(user.name, user.id, may_undo=True, form_key=form_key or None)


def record(
    action: Action,
    *,
    by: Actor,
    booking_id: int | None = None,
    payment_id: int | None = None,
    message_id: int | None = None,
    **detail: Any,
) -> Audit:
    """Add an act to the current write transaction and return it with its id."""
    act = Audit(
        action=action,
        actor=by.name,
        user_id=by.user_id,
        booking_id=booking_id,
        payment_id=payment_id,
        message_id=message_id,
        detail=detail,
        form_key=by.form_key,
    )
    db.session.add(act)
    db.session.flush()
    return act


def first_result(by: Actor, refusal: Exception) -> Audit:
    """The act that this very form made before; a repeat of it was refused, since its first post was first.

    Raises:
        Exception: the refusal itself, where the form made none: somebody else was first.
    """
    done = made_by(by)
    if done is None:
        raise refusal
    return done


def made_by(by: Actor) -> Audit | None:
    """The act that this very form has made already."""
    made = db.session.scalar(select(Audit).where(Audit.form_key == by.form_key)) if by.form_key else None
    if made is not None:
        outcome.was_done_before()
    return made


def last_of(booking_id: int, *, but: Sequence[Action] = ()) -> Audit | None:
    """The newest act on a booking, other than those named."""
    acts = select(Audit).where(Audit.booking_id == booking_id, Audit.action.not_in(but))
    return db.session.scalar(acts.order_by(Audit.id.desc()).limit(1))


ACTS = {
    Action.BOOKING_CREATED: "added this booking",
    Action.BOOKING_CONFIRMED: "confirmed this booking",
    Action.BOOKING_DECLINED: "declined this booking",
    Action.BOOKING_CANCELLED: "cancelled this booking",
    Action.BOOKING_CHANGED: "changed this booking",
    Action.BOOKING_COMPLETED: "marked this booking as completed",
    Action.BOOKING_NO_SHOW: "marked this booking as a no-show",
    Action.BOOKINGS_IMPORTED: "imported bookings from a file",
    Action.BOOKINGS_EXPORTED: "exported bookings",
    Action.NOTE_ADDED: "wrote a note",
    Action.REPLY_HANDLED: "dealt with the guest's reply",
    Action.PAYMENT_SUBMITTED: "recorded a payment",
    Action.PAYMENT_VERIFIED: "verified a payment",
    Action.PAYMENT_REJECTED: "rejected a payment",
    Action.PAYMENT_REVERSED: "reversed a payment",
    Action.STATEMENT_IMPORTED: "imported a bank statement",
    Action.UNDONE: "took the last step back",
    Action.MESSAGE_RETRIED: "sent a message again",
    Action.MESSAGE_SENT_AFRESH: "sent a message afresh",
    Action.MESSAGE_RESOLVED: "closed a failed message",
    Action.MESSAGE_REOPENED: "reopened a failed message",
    Action.MESSAGES_RETRIED: "sent failed messages again",
    Action.MESSAGES_RESOLVED: "closed failed messages",
    Action.MESSAGES_REOPENED: "reopened failed messages",
    Action.MESSAGES_EXPORTED: "exported messages",
    Action.FALLBACK_CHANGED: "changed which channel stands in for which",
    Action.CHANNEL_PAUSED: "paused a channel",
    Action.CHANNEL_RESUMED: "resumed a channel",
    Action.OLDER_DATABASE_NOTICED: "noticed that an older database was put back",
    Action.OLDER_DATABASE_RELEASED: "let messages go out after an older database was put back",
    Action.WORKER_STOPPED: "told a worker to stop",
    Action.QUEUE_RUNG: "rang for all that waits",
    Action.REPLY_KEYS_DROPPED: "dropped orphaned reply keys",
    Action.OPTED_OUT: "recorded that the guest opted out",
    Action.OPTED_IN: "recorded that the guest wants messages again",
    Action.TEST_SENT: "sent a test message",
    Action.TEXT_CHANGED: "changed a message text",
    Action.PERSON_ADDED: "added a member of staff",
    Action.PERSON_CHANGED: "changed a member of staff",
    Action.PASSWORD_CHANGED: "changed a password",
    Action.SESSIONS_ENDED: "ended a person's sessions",
    Action.KEY_CREATED: "made an API key",
    Action.KEY_REVOKED: "revoked an API key",
}


# These leave the booking's version as it is, so nobody is second to them.
QUIET = (
    Action.NOTE_ADDED,
    Action.REPLY_HANDLED,
    Action.MESSAGE_RETRIED,
    Action.MESSAGE_RESOLVED,
    Action.MESSAGE_REOPENED,
)


def outrun(booking: Booking, wanted: str) -> Outrun:
    """The error for whoever was second: who was first, and what they did."""
    last = last_of(booking.id, but=QUIET)
    first = f"{last.actor} {ACTS[last.action]} just before you" if last else "somebody changed it just before you"
    return Outrun(f"{booking.reference} was not {wanted}: {first}. It is now {booking.status.value.replace('_', '-')}.")
