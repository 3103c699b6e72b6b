"""Demo rows go without a trace, whatever staff did with them."""

import pytest

from tests.factories import a_booking, a_reply
from webapp.extensions import db
from webapp.models import Booking, Note, Reply, User
from webapp.services import audit
from webapp.services.accounts import demo, sign_in
from webapp.services.bookings import notes

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def test_notes_and_replies_go_with_their_demo_bookings() -> None:
    demo.seed()
    rosa = audit.person(sign_in.by_email("desk@bellhop.example"))
    shown = db.session.query(Booking).first()
    notes.add(shown, "Wants the window seat.", by=rosa)
    a_reply(shown)

    cleared = demo.clear()

    assert cleared == len(demo.GUESTS)
    assert [db.session.query(kind).count() for kind in (Booking, Note, Reply, User)] == [0, 0, 0, 0]


def test_what_demo_staff_wrote_about_a_real_booking_stays_under_their_name() -> None:
    demo.seed()
    booking = a_booking()
    notes.add(booking, "Late arrival", by=audit.person(sign_in.by_email("desk@bellhop.example")))

    demo.clear()

    assert [(note.author, note.user_id) for note in notes.notes_on(booking)] == [("Rosa Silva", None)]
