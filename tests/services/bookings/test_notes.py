"""Notes of staff and replies of guests: each kept once, with who and when."""

import pytest
from sqlalchemy import func, select

from tests.factories import a_booking, a_reply
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.models import Action, Audit, Booking, Note
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.bookings import notes
from webapp.services.guests import replies

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ROSA = Actor("Rosa Silva", form_key="a form")


def acts_on(booking: Booking) -> int:
    return db.session.scalars(select(func.count()).where(Audit.booking_id == booking.id)).one()


def test_a_note_is_kept_and_tells_nobody(bells: list[int]) -> None:
    booking = a_booking()

    notes.add(booking, " Wants the\r\nwindow seat. ", by=ROSA)

    assert [(n.author, n.text) for n in notes.notes_on(booking)] == [("Rosa Silva", "Wants the\nwindow seat.")]
    assert booking.version == 1 and booking.messages == [] and bells == []


def test_a_note_that_is_posted_twice_is_one() -> None:
    booking = a_booking()

    made = [notes.add(booking, "Late arrival", by=ROSA) for _ in range(2)]

    assert made[0].id == made[1].id and acts_on(booking) == 1


def test_another_note_from_a_form_that_was_shown_twice_is_a_note_of_its_own() -> None:
    booking = a_booking()
    notes.add(booking, "Late arrival", by=ROSA)

    notes.add(booking, "Vegan", by=ROSA)

    assert {note.text for note in notes.notes_on(booking)} == {"Late arrival", "Vegan"}
    assert db.session.scalars(select(func.count()).select_from(Note)).one() == acts_on(booking) == 2


@pytest.mark.parametrize(("text", "says"), [(" \n", "Write the note first"), ("x" * 2001, "within 2,000")])
def test_a_note_that_cannot_be_taken_gets_a_sentence(text: str, says: str) -> None:
    with pytest.raises(Invalid) as wrong:
        notes.add(a_booking(), text, by=ROSA)

    assert says in wrong.value.fields["text"]


def test_a_reply_is_dealt_with_once_and_the_second_is_told_by_whom() -> None:
    booking = a_booking()
    reply = a_reply(booking)
    replies.handle(reply, by=ROSA)

    with pytest.raises(Conflict, match="Rosa Silva has dealt with this reply already"):
        replies.handle(reply, by=Actor("Martin"))

    act = audit.last_of(booking.id)
    assert reply.handled_at is not None and act and act.action is Action.REPLY_HANDLED


def test_a_reply_that_is_posted_twice_is_dealt_with_once() -> None:
    booking = a_booking()
    reply = a_reply(booking)

    for _ in range(2):
        replies.handle(reply, by=ROSA)

    assert reply.handled_by == "Rosa Silva" and acts_on(booking) == 1


def test_a_reply_that_does_not_exist_is_not_found() -> None:
    with pytest.raises(NotFound):
        replies.get(1)
