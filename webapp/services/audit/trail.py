"""Records who did what, and finds who was first."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp import words
from webapp.database import outcome
from webapp.errors import Outrun
from webapp.extensions import db
from webapp.i18n import gettext
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
        action=action, actor=by.name, user_id=by.user_id, form_key=by.form_key,
        booking_id=booking_id, payment_id=payment_id, message_id=message_id, detail=detail,
    )  # fmt: skip
    db.session.add(act)
    db.session.flush()
    return act


def first_result(by: Actor, refusal: Exception) -> Audit:
    """Returns the act that the first post of this form made, after its repeat was refused.

    Raises:
        Exception: the refusal itself, if this form made no act: somebody else was first.
    """
    done = made_by(by)
    if done is None:
        raise refusal
    return done


def made_by(by: Actor) -> Audit | None:
    """Returns the act that this form has made already, or None."""
    made = db.session.scalar(select(Audit).where(Audit.form_key == by.form_key)) if by.form_key else None
    if made is not None:
        outcome.tally().was_done_before = True
    return made


def first_of(booking_id: int, action: Action) -> Audit | None:
    """Returns the oldest act of a kind on a booking."""
    acts = select(Audit).where(Audit.booking_id == booking_id, Audit.action == action)
    return db.session.scalar(acts.order_by(Audit.id).limit(1))


def last_of(booking_id: int, *, but: Sequence[Action] = ()) -> Audit | None:
    """Returns the newest act on a booking, leaving out the kinds in `but`."""
    acts = select(Audit).where(Audit.booking_id == booking_id, Audit.action.not_in(but))
    return db.session.scalar(acts.order_by(Audit.id.desc()).limit(1))


def outrun(booking: Booking) -> Outrun:
    """Returns the error for whoever was second: it says who was first, and what they did."""
    last, facts = last_of(booking.id, but=VERSIONLESS), {"reference": booking.reference}
    facts["status"] = words.BOOKING[booking.status].label.lower()
    if last is None:
        return Outrun(gettext("%(reference)s was not changed: somebody was faster. It is now %(status)s.", **facts))
    sentence = gettext(
        "%(reference)s was not changed: %(name)s %(did)s just before you. It is now %(status)s.",
        name=last.actor, did=ACTS[last.action].did, **facts,
    )  # fmt: skip
    return Outrun(sentence)
