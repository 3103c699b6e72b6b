"""What guests wrote back, and who has dealt with it."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, distinct, func, select, update

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


@dataclass(frozen=True)
class Unknown:
    """What one number without a booking wrote and nobody has dealt with."""

    sender: str
    replies: int
    newest: Reply


PAGE = 20  # Numbers on one page.
SHOWN = 50  # Replies of one number on its page.


def unknown(page: int = 1, limit: int = PAGE) -> list[Unknown]:
    """The numbers without a booking whose replies wait, one entry each however much it wrote, the newest first."""
    last, many = func.max(Reply.id), func.count()
    waiting = select(Reply.sender, last, many).where(Reply.handled_at.is_(None), Reply.booking_id.is_(None))
    some = waiting.group_by(Reply.sender).order_by(last.desc()).offset((page - 1) * limit).limit(limit)
    rows = db.session.execute(some).all()
    newest = {
        reply.id: reply for reply in db.session.scalars(select(Reply).where(Reply.id.in_([row[1] for row in rows])))
    }
    return [Unknown(sender, count, newest[reply_id]) for sender, reply_id, count in rows]


def how_many_unknown() -> int:
    """How many numbers without a booking wait for somebody."""
    waiting = select(func.count(distinct(Reply.sender))).where(Reply.handled_at.is_(None), Reply.booking_id.is_(None))
    return db.session.scalar(waiting) or 0


def written_by(reply: Reply) -> list[Reply]:
    """What the unknown number behind a reply wrote and nobody has dealt with, newest first."""
    return list(db.session.scalars(select(Reply).where(*_with(reply)).order_by(Reply.id.desc()).limit(SHOWN)))


def _with(reply: Reply) -> tuple[ColumnElement[bool], ...]:
    return Reply.sender == reply.sender, Reply.booking_id.is_(None), Reply.handled_at.is_(None)


def handle_all(reply: Reply, *, by: Actor) -> int:
    """Put away what an unknown number wrote up to this reply; how many replies that were.

    Raises:
        Conflict: somebody else has already.
    """
    try:
        with writing():
            up_to = update(Reply).where(*_with(reply), Reply.id <= reply.id)
            done = changed(up_to.values(handled_at=now(), handled_by=by.name))
            if not done:
                raise Conflict("Somebody has put this away already.")
            audit.record(Action.REPLY_HANDLED, by=by, reply=reply.id, replies=done)
    except Conflict as refusal:
        audit.first_result(by, refusal)
        return 0
    return done


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
