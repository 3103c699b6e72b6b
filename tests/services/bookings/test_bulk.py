"""Confirming and declining many bookings at once: each row for itself."""

from typing import Any

import pytest
from sqlalchemy import select, update

from tests.factories import a_booking, a_user
from webapp.database import later, read_now, writing
from webapp.errors import Invalid
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, ChannelName, Message, MessageStatus, OptOut
from webapp.services import audit, bookings, messages
from webapp.services.audit import Actor
from webapp.services.bookings import bulk
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings.bulk import Act, Ticked
from webapp.services.bookings.filters import Filters
from webapp.services.row_fates import Fate, Result

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def seen(*several: Booking) -> list[Ticked]:
    return [Ticked(booking.id, booking.version) for booking in several]


def clerk() -> Actor:
    return audit.person(a_user())


def do(rows: list[Ticked], by: Actor, act: Act = Act.CONFIRM, **more: Any) -> list[Result]:
    return bulk.carry_out(act, rows, by=by, key=lambda reference, version: f"{reference}:{version}:{act}", **more)


def status_of(booking: Booking) -> BookingStatus:
    db.session.rollback()
    return db.session.get_one(Booking, booking.id).status


def test_a_plan_says_who_is_told_and_how() -> None:
    phone_only = a_booking(email=None)
    unreachable = a_booking(phone=None, email="stop@guests.example")
    with writing():
        db.session.add(OptOut(channel=ChannelName.EMAIL, address="stop@guests.example", source="test"))

    plan = bulk.ticked(Act.CONFIRM, seen(a_booking(), phone_only, unreachable, a_booking(BookingStatus.CANCELLED)))

    assert plan.channels == {ChannelName.SMS: 2, ChannelName.WHATSAPP: 2, ChannelName.EMAIL: 1}
    assert (plan.messages, plan.guests, plan.unreachable) == (5, 2, 1)
    assert [booking.status for booking in plan.left_out] == [BookingStatus.CANCELLED]


def test_two_bookings_of_one_guest_are_one_guest() -> None:
    same = [a_booking(phone="+14155550001") for _ in range(2)]

    assert bulk.ticked(Act.CONFIRM, seen(*same)).guests == 1


def test_all_that_match_are_those_of_the_list_that_can_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "MOST", 2)
    for _ in range(3):
        a_booking(service="Old town walk")
    a_booking(BookingStatus.CONFIRMED, service="Old town walk")
    a_booking()
    booking_counts.forget()

    plan = bulk.matching(Act.CONFIRM, Filters(service="Old town walk"))

    assert [booking.service for booking in plan.bookings] == ["Old town walk"] * 2
    assert plan.remaining == 1


def test_each_row_is_done_and_its_guest_told() -> None:
    several = [a_booking() for _ in range(3)]

    results = do(seen(*several), clerk(), Act.DECLINE, reason="Storm")

    assert [result.fate for result in results] == [Fate.DONE] * 3
    assert [status_of(booking) for booking in several] == [BookingStatus.DECLINED] * 3
    assert all("Storm" in booking.messages[0].body for booking in several)
    assert bulk.messages_of([result.act for result in results if result.act]) == 9


def test_one_that_somebody_else_was_first_with_stops_no_other() -> None:
    first, second = a_booking(reference="BK-A"), a_booking(reference="BK-B")
    rows = seen(first, second)
    bookings.decline(first, by=audit.person(a_user(name="Martin Keller")))

    lost, done = do(rows, clerk())

    assert (lost.fate, done.fate) == (Fate.OUTRUN, Fate.DONE)
    assert "Martin Keller declined this booking just before you" in lost.sentence
    assert status_of(second) is BookingStatus.CONFIRMED


def test_what_its_state_forbids_is_said() -> None:
    cancelled = a_booking(BookingStatus.CANCELLED)

    results = do([*seen(cancelled), Ticked(987_654, 1)], clerk())

    assert [result.fate for result in results] == [Fate.NOT_POSSIBLE] * 2
    assert [result.sentence for result in results] == [
        "Not possible. Status: Cancelled.",
        "There is no such booking any more.",
    ]


def test_a_fault_of_ours_in_one_row_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    broken, fine = a_booking(), a_booking()
    prepare = messages.prepare

    def fails(booking: Booking, *args: Any, **more: Any) -> Any:
        if booking.id == broken.id:
            raise ZeroDivisionError
        return prepare(booking, *args, **more)

    monkeypatch.setattr(messages, "prepare", fails)
    results = do(seen(broken, fine), clerk())

    assert [result.fate for result in results] == [Fate.NOT_POSSIBLE, Fate.DONE]
    assert status_of(broken) is BookingStatus.PENDING


def test_a_form_that_comes_twice_gives_the_same_results_and_tells_nobody_twice() -> None:
    booking, by = a_booking(), clerk()
    rows = seen(booking)

    first, again = do(rows, by), do(rows, by)

    assert [(r.fate, r.sentence) for r in first] == [(r.fate, r.sentence) for r in again] == [(Fate.DONE, "Confirmed.")]
    assert db.session.query(Message).filter_by(booking_id=booking.id).count() == 3


def test_too_many_at_once_are_refused() -> None:
    with pytest.raises(Invalid, match="at most 500"):
        do([Ticked(number, 1) for number in range(501)], clerk())


def test_each_row_is_taken_back_as_far_as_it_allows() -> None:
    back, late, by = a_booking(), a_booking(), clerk()
    acts = [result.act.id for result in do(seen(back, late), by) if result.act]
    with writing():
        db.session.query(Message).filter_by(booking_id=late.id).update({"status": MessageStatus.SENT})

    results = bulk.take_back(acts, by=by, key=lambda act: f"undo:{act}")

    assert [result.fate for result in results] == [Fate.DONE, Fate.NOT_POSSIBLE]
    assert "too late to undo" in results[1].sentence
    assert (status_of(back), status_of(late)) == (BookingStatus.PENDING, BookingStatus.CONFIRMED)


def test_a_repeat_after_an_undo_says_how_it_stands_now() -> None:
    rows, by = seen(a_booking()), clerk()
    acts = [result.act.id for result in do(rows, by) if result.act]
    bulk.take_back(acts, by=by, key=lambda act: f"undo:{act}")

    (again,) = do(rows, by)

    assert again.sentence == "Confirmed before. Status now: Pending."


@pytest.mark.parametrize("text", ["", "1", "1.", "x.1", "1.2.3", "-1.1", "9" * 30 + ".1", "१.१"])
def test_a_row_that_no_page_wrote_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        Ticked.read(text)


def dues() -> set[float]:
    """The seconds from now until messages become due, rounded to 5."""
    db.session.rollback()
    moment = read_now()
    return {5 * round((m.due_at - moment).total_seconds() / 5) for m in db.session.scalars(select(Message))}


def test_all_messages_of_a_bulk_act_become_due_together_after_its_last_row() -> None:
    results = do(seen(a_booking(), a_booking(), a_booking()), clerk())
    assert dues() == {bulk.HELD_SECONDS}

    hold = bulk.release(results)

    due = set(db.session.scalars(select(Message.due_at).distinct()))
    assert len(due) == 1 and hold == 8 and dues() == {10}


def test_messages_of_a_bulk_act_that_died_midway_become_due_by_themselves() -> None:
    do(seen(a_booking(), a_booking()), clerk())  # And nobody ever lets them go.

    assert dues() == {bulk.HELD_SECONDS} and {m.status for m in db.session.scalars(select(Message))} == {"waiting"}


def test_a_repeat_of_a_bulk_act_does_not_let_the_first_one_go() -> None:
    rows, person = seen(a_booking(), a_booking()), clerk()
    do(rows, person)

    bulk.release(do(rows, person))

    assert dues() == {bulk.HELD_SECONDS}


def test_what_was_released_is_not_held_again() -> None:
    results = do(seen(a_booking()), clerk())
    bulk.release(results)
    with writing():
        db.session.execute(update(Message).values(due_at=later(-60)))

    bulk.release(results)

    assert dues() == {-60}


@pytest.mark.settings(undo_seconds=0)
def test_without_undo_a_bulk_act_counts_what_was_written_though_it_is_gone_by_now() -> None:
    results = do(seen(a_booking(), a_booking()), clerk())
    with writing():
        db.session.execute(update(Message).values(status=MessageStatus.SENT))

    assert bulk.messages_of([result.act for result in results if result.act]) == 6
    assert bulk.release(results) == 0 and max(dues()) <= 0
