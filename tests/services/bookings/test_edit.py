"""Changing a booking: what differs is written down, told where it concerns the guest, and guarded."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.factories import a_booking, a_message
from tests.services.delivery.test_draining import fresh
from webapp.errors import Conflict, Outrun
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Event, MessageStatus
from webapp.services import audit, bookings
from webapp.services.audit import Actor
from webapp.services.bookings import edit
from webapp.services.bookings import form as booking_form
from webapp.services.bookings.edit import Changed

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
ROSA = Actor("Rosa Silva", may_undo=True, form_key="a form")


def change(booking: Booking, *, tell: bool = True, version: int | None = None, by: Actor = ROSA, **new: Any) -> Changed:
    wanted = replace(booking_form.facts_of(booking), **new)
    return edit.change(booking, wanted, by=by, tell=tell, expected_version=version)


def test_the_guest_is_told_of_a_new_start(bells: list[int]) -> None:
    booking = a_booking(BookingStatus.CONFIRMED)

    done = change(booking, starts_at=booking.starts_at.replace(second=0, microsecond=0) + timedelta(hours=1))

    assert done.messages == 3 and bells == []  # It can be undone until they go out.
    assert {(m.event, m.status) for m in booking.messages} == {(Event.BOOKING_CHANGED, MessageStatus.WAITING)}


@pytest.mark.parametrize("new", [{"amount": Decimal("99.00")}, {"service": "Walk"}, {"party_size": 3}])
def test_nobody_is_told_where_that_is_not_wanted(bells: list[int], new: dict[str, Any]) -> None:
    done = change(a_booking(), tell=False, **new)

    assert done.act is not None and done.messages == 0 and bells == []


def test_of_a_new_contact_nobody_is_told() -> None:
    booking = a_booking()

    done = change(booking, name="Amelia Stone", language="de", channels=["email"])

    assert done.messages == 0 and booking.messages == []
    assert (booking.name, booking.channels) == ("Amelia Stone", ["email"])


def test_an_act_keeps_from_what_to_what() -> None:
    booking = a_booking(amount=Decimal("120.00"))

    act = change(booking, amount=Decimal("99.00"), party_size=4).act

    assert act and act.detail["changes"] == {"amount": ["120.00", "99.00"], "party_size": [1, 4]}


def test_nothing_different_is_no_act() -> None:
    booking = a_booking()

    assert change(booking) == Changed(booking, None, 0, 0)
    assert booking.version == 1 and audit.last_of(booking.id) is None


def test_a_new_phone_is_a_new_lane_and_what_is_on_its_way_stays_where_it_goes() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    waiting, old = a_message(booking), booking.guest_id

    done = change(booking, phone="+14155552671")

    assert done.left_behind == 1
    assert booking.guest_id != old and booking.phone_tail == "17625555141"
    assert (fresh(waiting).guest_id, fresh(waiting).to) == (old, waiting.to)


def test_a_newer_change_takes_the_place_of_one_that_waits() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    change(booking, party_size=2)

    change(booking, party_size=3, by=Actor("Rosa Silva"))

    found = [(m.status, m.error_code) for m in booking.messages]
    assert found == [(MessageStatus.SKIPPED, "superseded")] * 3 + [(MessageStatus.WAITING, "")] * 3


def test_what_is_over_changes_its_contact_only() -> None:
    booking = a_booking(BookingStatus.CANCELLED)

    with pytest.raises(Conflict, match="Only the contact"):
        change(booking, party_size=2)

    assert change(booking, email="new@guests.example", by=Actor("Rosa Silva")).act is not None


def test_of_two_clerks_the_second_is_told_who_was_first() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=Actor("Martin"))

    with pytest.raises(Outrun, match="Martin confirmed this booking just before you"):
        change(booking, party_size=2, version=1)


def test_a_form_that_is_posted_twice_changes_once() -> None:
    booking = a_booking()

    done = [change(booking, party_size=2, version=1) for _ in range(2)]

    assert [one.messages for one in done] == [3, 3] and booking.version == 2
    assert len(db.session.get_one(Booking, booking.id).messages) == 3


def test_a_form_that_is_posted_again_with_something_else_is_not_swallowed() -> None:
    booking = a_booking()
    change(booking, party_size=2, version=1)

    with pytest.raises(Outrun, match="Rosa Silva changed this booking"):
        change(booking, party_size=9, version=1)


def test_whoever_comes_second_keeps_what_was_typed_and_sees_what_both_changed() -> None:
    booking = a_booking()
    opened = booking_form.values_of(booking)
    change(booking, party_size=2, service="Walk")

    kept, both = edit.merged(opened | {"party_size": "5", "name": "Amelia Stone"}, opened, booking)

    assert (kept["party_size"], kept["name"], kept["service"]) == ("5", "Amelia Stone", "Walk")
    assert both == {"party_size": "2"}


def test_what_others_did_since_a_form_was_opened_is_known() -> None:
    booking = a_booking()
    bookings.confirm(booking, by=Actor("Martin"))

    assert [act.actor for act in edit.since(booking, 1)] == ["Martin"]
    assert edit.since(booking, booking.version) == []


def test_what_another_changes_right_after_the_commit_does_not_deny_the_change(monkeypatch: pytest.MonkeyPatch) -> None:
    booking, real = a_booking(), edit.perform

    def perform_and_be_followed(*given: Any, **named: Any) -> Any:
        act = real(*given, **named)
        monkeypatch.undo()
        change(db.session.get_one(Booking, booking.id), by=Actor("Martin"), party_size=5)
        return act

    monkeypatch.setattr(edit, "perform", perform_and_be_followed)
    done = change(booking, party_size=3, channels=["sms"])

    assert done.act is not None and done.act.actor == "Rosa Silva"
    assert done.act.detail["changes"]["party_size"] == [1, 3]
