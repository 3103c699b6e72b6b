"""Writing down who did what, and telling a latecomer who was first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp.database import outcome
from webapp.errors import Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, User
from webapp.services.audit.acts import ACTS, VERSIONLESS


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


def outrun(booking: Booking, wanted: str) -> Outrun:
    """The error for whoever was second: who was first, and what they did."""
    last = last_of(booking.id, but=VERSIONLESS)
    first = f"{last.actor} {ACTS[last.action].did} just before you" if last else "somebody changed it just before you"
    return Outrun(f"{booking.reference} was not {wanted}: {first}. It is now {booking.status.value.replace('_', '-')}.")
