"""Each statement and commit of an act on many fails once: its words and counts agree with the rows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.factories import a_booking
from tests.faults import totals
from tests.faults.acts.base import ROSA, Post
from tests.faults.breaking import Break, When, breaking
from tests.faults.judging import DONE, NOTHING, PERHAPS, Caller
from webapp.extensions import db
from webapp.models import Booking, BookingStatus, Message, MessageStatus
from webapp.services import bookings

COUNT = re.compile(r"(\d+) bookings? (?:confirmed|declined|undone)")
UNSURE = re.compile(r"It may have been done: check it")


@dataclass(frozen=True)
class Many:
    """An act on two bookings that can be done, and on one that somebody else has dealt with already."""

    post: Post
    able: tuple[int, ...]
    becomes: BookingStatus
    messages: int  # That go out to each of the two.

    def done(self) -> int:
        """How many of the two stand as the act wants them."""
        db.session.rollback()
        mine = Booking.id.in_(self.able), Booking.status == self.becomes
        return db.session.scalars(select(func.count()).select_from(Booking).where(*mine)).one()

    def written(self) -> int:
        """How many messages the two guests have that go out."""
        goes = Message.booking_id.in_(self.able), Message.status == MessageStatus.WAITING
        return db.session.scalars(select(func.count()).select_from(Message).where(*goes)).one()


def _step(noun: str, becomes: BookingStatus) -> Callable[[], Many]:
    def made() -> Many:
        two, taken = (a_booking(), a_booking()), a_booking()
        rows = [f"{one.id}.{one.version}" for one in (two[0], taken, two[1])]
        bookings.cancel(taken, by=ROSA, reason="Storm", expected_version=taken.version)
        return Many(Post(f"/bookings/list/{noun}", {"row": rows, "view": "row"}), (two[0].id, two[1].id), becomes, 3)

    return made


def _take_back() -> Many:
    three = [a_booking() for _ in range(3)]
    acts = [bookings.confirm(one, by=ROSA, expected_version=one.version, hold=60).id for one in three]
    bookings.cancel(three[1], by=ROSA, reason="Storm", expected_version=three[1].version)
    form = {"acts": ",".join(map(str, acts))}
    return Many(Post("/bookings/list/undo", form), (three[0].id, three[2].id), BookingStatus.PENDING, 0)


ACTS = {
    "confirm": _step("confirmations", BookingStatus.CONFIRMED),
    "decline": _step("refusals", BookingStatus.DECLINED),
    "take back": _take_back,
}


@pytest.mark.both_databases
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
@pytest.mark.parametrize("name", ACTS)
def test_counts_of_many_agree_with_the_rows(caller: Caller, name: str, htmx: bool) -> None:
    caller.htmx = htmx
    with breaking() as cut:
        answer = caller.post(caller.browser, ACTS[name]().post, "")
    assert answer.status_code == 200 and counted(answer) == 2
    places = [(when, n) for when in When for n in range(first(cut, when, htmx) + 1, cut.seen[when] + 1)]

    wrong = [said for when, number in places for said in trouble(caller, ACTS[name](), when, number)]

    totals.add("Acts on many", name, places=len(places), false=len(wrong), double=0)
    assert wrong == []


def first(cut: Break, when: When, htmx: bool) -> int:
    """How many places are left out.

    The rows are done by the same code for HTMX, which only answers otherwise; on PostgreSQL only commits differ.
    """
    is_whole = db.engine.dialect.name == "sqlite" and not htmx
    return cut.at_last_commit if when is When.STATEMENT and not is_whole else 0


def trouble(caller: Caller, many: Many, when: When, number: int) -> list[str]:
    """What is wrong with the words of an act that fails there, or with its repeat."""
    with breaking(when, number):
        answer = caller.post(caller.browser, many.post, "")
    done, said, unsure = many.done(), counted(answer), len(UNSURE.findall(answer.text))
    place, found = f"{when} {number}: {answer.status_code}, says {said}, {unsure} unsure, {done} done", []
    if said is not None and not said <= done <= said + unsure:
        found.append(f"{place}: wrong count")
    if said is None and not honest(answer, done):
        found.append(f"{place}: false")
    caller.post(caller.browser, many.post, "")
    if many.done() != 2 or many.written() != 2 * many.messages:
        found.append(f"{place}: not once: {many.done()} done, {many.written()} messages")
    return found


def counted(answer: Any) -> int | None:
    """How many it says to have done."""
    found = COUNT.search(answer.text)
    return int(found.group(1)) if found else None


def honest(answer: Any, done: int) -> bool:
    """Whether an answer without a count says what is so: to be sent on says that it was done, all that can be."""
    if PERHAPS in answer.text:
        return True
    if NOTHING in answer.text:
        return done == 0
    return done == 2 and (DONE in answer.text or answer.status_code < 400)
