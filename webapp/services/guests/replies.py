"""What guests wrote back, and who has dealt with it."""

from sqlalchemy import select, update

from webapp.database import changed, now, writing
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.models import Action, Booking, Reply
from webapp.services import audit
from webapp.services.audit import Actor


def get(reply_id: int) -> Reply:
    """Find a reply.

    Raises:
        NotFound: there is none of that id.
    """
    found = db.session.get(Reply, reply_id)
    if found is None:
        raise NotFound(f"There is no reply {reply_id}.")
    return found


def of(booking: Booking) -> list[Reply]:
    """The replies about a booking, newest first."""
    return list(db.session.scalars(select(Reply).where(Reply.booking_id == booking.id).order_by(Reply.id.desc())))


def handle(reply: Reply, *, by: Actor) -> None:
    """Say that somebody has dealt with a reply, once.

    Raises:
        Conflict: somebody else has already.
    """
    try:
        with writing():
            done = changed(
                update(Reply)
                .where(Reply.id == reply.id, Reply.handled_at.is_(None))
                .values(handled_at=now(), handled_by=by.name)
            )
            if done != 1:
                raise Conflict(f"{reply.handled_by} has dealt with this reply already.")
            audit.record(Action.REPLY_HANDLED, by=by, booking_id=reply.booking_id, reply=reply.id)
    except Conflict as refusal:
        audit.first_result(by, refusal)
