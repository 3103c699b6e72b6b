"""Demo rows go without a trace, whatever staff did with them."""

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from tests.factories import a_booking, a_reply
from webapp import clock
from webapp.extensions import db
from webapp.models import (
    OPEN,
    Attempt,
    Audit,
    Booking,
    BookingStatus,
    Guest,
    HourTally,
    Message,
    Note,
    Payment,
    PaymentStatus,
    Reply,
    SandboxMessage,
    SearchTerm,
    User,
    payment_status,
)
from webapp.services import audit, search
from webapp.services.accounts import demo, sign_in
from webapp.services.alerts import finders
from webapp.services.bookings import agenda, notes
from webapp.services.figures import current as figures
from webapp.services.figures import rollup
from webapp.services.messages import fallback, reached
from webapp.settings import current

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def test_notes_and_replies_go_with_their_demo_bookings() -> None:
    demo.seed()
    rosa = audit.person(sign_in.by_email("desk@bellhop.example"))
    shown = db.session.query(Booking).first()
    notes.add(shown, "Wants the window seat.", by=rosa)
    a_reply(shown)

    rollup.fill()
    seeded = db.session.query(Booking).count()

    cleared = demo.clear()

    assert cleared == seeded
    gone = (Booking, Note, Reply, User, Message, Attempt, SandboxMessage, Audit, Payment, SearchTerm)
    assert {kind.__name__: left for kind in gone if (left := db.session.query(kind).count())} == {}
    assert not db.session.scalar(select(func.sum(HourTally.made)))


def test_what_demo_staff_wrote_about_a_real_booking_stays_under_their_name() -> None:
    demo.seed()
    booking = a_booking()
    notes.add(booking, "Late arrival", by=audit.person(sign_in.by_email("desk@bellhop.example")))

    demo.clear()

    assert [(note.author, note.user_id) for note in notes.notes_on(booking)] == [("Rosa Silva", None)]


def test_a_past_week_stands_behind_the_work_of_today() -> None:
    demo.seed()
    rollup.fill()
    figures.forget()

    day, found = figures.get(), agenda.load()

    assert day.day and day.day.counts["sent"] > 20 and day.day.told_share and day.day.told_share > 0.8
    spread = db.session.scalars(select(Message.first_due_at)).all()
    assert clock.now() - min(spread) > timedelta(days=5)
    assert found.arrivals >= 3
    assert found.counts[BookingStatus.PENDING] >= 20
    assert [len(rows) for rows in (found.unreached, found.replies, found.unknown)] == [1, 1, 1]
    assert db.session.query(Note).count() == 1


def test_nothing_of_the_past_is_left_to_a_worker_or_an_alert() -> None:
    """A demo that sent messages at its start, or cried for help, would show what no desk sees."""
    demo.seed()

    assert db.session.scalars(select(Message.id).where(Message.status.in_(OPEN))).all() == []
    assert db.session.scalars(select(Attempt.id).where(Attempt.next_ask_at.is_not(None))).all() == []
    assert list(fallback.due(100)) == []
    assert finders.failed_share() == []
    late = select(Message.id).where(func.coalesce(Message.settled_at, Message.due_at) > clock.now())
    assert db.session.scalars(late).all() == []


def test_its_rows_agree_with_each_other() -> None:
    demo.seed()

    numbers = db.session.execute(select(Message.guest_id, Message.seq).order_by(Message.guest_id, Message.seq)).all()
    used = Counter(guest for guest, _ in numbers)
    following = dict(db.session.execute(select(Guest.id, Guest.next_seq)).all())
    assert {guest: after - 1 for guest, after in following.items() if after > 1} == dict(used)
    moments = db.session.scalars(select(Audit.at).order_by(Audit.id)).all()
    assert moments == sorted(moments)
    found = {len(search.nearest(booking.reference, 6)) for booking in db.session.query(Booking)}
    assert found == {1}
    acts = Counter(db.session.scalars(select(Audit.booking_id)))
    week = [one for one in db.session.query(Booking) if one.created_at < clock.now() - timedelta(minutes=9)]
    assert week and {one.version for one in week if one.version > acts[one.id]} == set()


@pytest.mark.settings(timezone="Asia/Kolkata")
def test_everybody_comes_at_hours_at_which_a_desk_is_open() -> None:
    demo.seed()

    hours = {booking.starts_at.astimezone(current().zone).hour for booking in db.session.query(Booking)}

    assert min(hours) >= 9 and max(hours) <= 18


def test_payments_of_every_kind_are_there_to_be_judged() -> None:
    demo.seed()

    kinds = {payment_status(one) for one in db.session.query(Booking)}
    waiting = [(one.booking.amount, one.amount) for one in db.session.query(Payment) if one.status == "submitted"]

    assert {PaymentStatus.UNPAID, PaymentStatus.SUBMITTED, PaymentStatus.PAID, PaymentStatus.REJECTED} <= kinds
    assert any(paid < due for due, paid in waiting) and any(paid > due for due, paid in waiting)


def test_the_guest_whom_nothing_reached_has_a_reason_and_comes_today() -> None:
    demo.seed()

    (booking,) = db.session.scalars(select(Booking).where(Booking.id.in_(reached.bookings())))

    assert booking.status is BookingStatus.CONFIRMED
    assert {message.error_code for message in booking.messages} == {"21612"}
