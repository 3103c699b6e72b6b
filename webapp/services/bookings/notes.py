"""Notes of staff about a booking: only ever added, never sent to the guest."""

from collections import defaultdict
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from webapp.database import writing
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, Audit, Booking, Note
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.parsing.text import paragraph

LONGEST = 2000


def add(booking: Booking, text: str, *, by: Actor) -> Note:
    """Add a note. A form that is posted twice adds one.

    Raises:
        Invalid: the text is empty or too long.
    """
    try:
        kept = read(text)
    except ValueError as error:
        raise Invalid(fields={"text": str(error)}) from error
    if first := _made_before(booking, kept, by):
        return first
    try:
        return _add(booking, kept, by)
    except IntegrityError:
        # Two posts of one form at once; or a second note from a form that was shown twice, which is another note.
        return _made_before(booking, kept, by) or _add(booking, kept, Actor(by.name, by.user_id))


def read(text: str) -> str:
    """Read the text of a note.

    Raises:
        ValueError: it is empty or too long.
    """
    return paragraph(text, LONGEST, gettext("Write the note first."))


def _add(booking: Booking, text: str, by: Actor) -> Note:
    with writing():
        return write(booking, text, by=by)


def write(booking: Booking, text: str, *, by: Actor) -> Note:
    """Add a note inside the current write transaction."""
    note = Note(booking_id=booking.id, user_id=by.user_id, author=by.name, text=text)
    db.session.add(note)
    db.session.flush()
    audit.record(Action.NOTE_ADDED, by=by, booking_id=booking.id, note=note.id)
    return note


def _made_before(booking: Booking, text: str, by: Actor) -> Note | None:
    """Returns the note that this form has added already."""
    first: Audit | None = audit.made_by(by)
    note = db.session.get(Note, first.detail.get("note", 0)) if first else None
    return note if note and (note.booking_id, note.text) == (booking.id, text) else None


def texts_of(bookings: Iterable[Booking]) -> dict[int, list[str]]:
    """Returns the notes about these bookings, oldest first, by booking id."""
    found: dict[int, list[str]] = defaultdict(list)
    ids = [booking.id for booking in bookings]
    for note in db.session.scalars(select(Note).where(Note.booking_id.in_(ids)).order_by(Note.id)):
        found[note.booking_id].append(note.text)
    return found


def notes_on(booking: Booking) -> list[Note]:
    """Returns the notes of a booking, newest first."""
    return list(db.session.scalars(select(Note).where(Note.booking_id == booking.id).order_by(Note.id.desc())))
