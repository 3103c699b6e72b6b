"""What guests wrote back, and who has dealt with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, distinct, func, select, update

from webapp.database import changed, now, writing
from webapp.errors import Conflict, NotFound
from webapp.extensions import db
from webapp.i18n import gettext
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
        raise NotFound(gettext("There is no reply %(id)s.", id=reply_id))
    return found


def of(booking: Booking) -> list[Reply]:
    """Returns the replies about a booking, newest first."""
    return list(db.session.scalars(select(Reply).where(Reply.booking_id == booking.id).order_by(Reply.id.desc())))


@dataclass(frozen=True)
class Unknown:
    """A number without a booking, whose replies nobody has dealt with."""

    sender: str
    replies: int
    newest: Reply


_UNKNOWN = (Reply.booking_id.is_(None), Reply.handled_at.is_(None))
PAGE = 20  # Numbers on one page.
SHOWN = 50  # Replies of one number on its page.


def unknown(page: int = 1, limit: int = PAGE) -> list[Unknown]:
    """Returns the numbers without a booking whose replies wait, one entry each, the newest first."""
    last = func.max(Reply.id)
    waiting = select(last.label("id"), func.count().label("replies")).where(*_UNKNOWN).group_by(Reply.sender)
    of_page = waiting.order_by(last.desc()).offset((page - 1) * limit).limit(limit).subquery()
    rows = db.session.execute(
        select(Reply, of_page.c.replies).join(of_page, of_page.c.id == Reply.id).order_by(Reply.id.desc())
    )
    return [Unknown(reply.sender, replies, reply) for reply, replies in rows]


def how_many_unknown() -> int:
    """Returns how many numbers without a booking wait for somebody."""
    return db.session.scalar(select(func.count(distinct(Reply.sender))).where(*_UNKNOWN)) or 0


def written_by(reply: Reply) -> list[Reply]:
    """Returns the open replies of the unknown number behind a reply, newest first."""
    return list(db.session.scalars(select(Reply).where(*_with(reply)).order_by(Reply.id.desc()).limit(SHOWN)))


def _with(reply: Reply) -> tuple[ColumnElement[bool], ...]:
    return Reply.sender == reply.sender, *_UNKNOWN


def handle_all(reply: Reply, *, by: Actor) -> None:
    """Mark as dealt with what an unknown number wrote up to this reply.

    Raises:
        Conflict: somebody else has already.
    """
    up_to = (*_with(reply), Reply.id <= reply.id)
    _mark(reply, up_to, gettext("Somebody has put this away already."), by)


def handle(reply: Reply, *, by: Actor) -> None:
    """Mark a booking's reply as dealt with, once.

    Raises:
        Conflict: somebody else has already.
    """
    sentence = gettext("%(person)s has dealt with this reply already.", person=reply.handled_by)
    _mark(reply, (Reply.id == reply.id, Reply.handled_at.is_(None)), sentence, by)


def _mark(reply: Reply, which: Sequence[ColumnElement[bool]], refusal: str, by: Actor) -> None:
    try:
        with writing():
            done = changed(update(Reply).where(*which).values(handled_at=now(), handled_by=by.name))
            if not done:
                raise Conflict(refusal)
            how_many = {} if reply.booking_id else {"replies": done}
            audit.record(Action.REPLY_HANDLED, by=by, booking_id=reply.booking_id, reply=reply.id, **how_many)
    except Conflict as error:
        audit.first_result(by, error)
