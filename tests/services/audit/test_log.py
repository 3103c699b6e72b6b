"""The audit log: filters, pages, plans that stay on an index, and what an act changed."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.factories import a_booking, a_payment, a_user
from tests.services.board.test_listing import plans
from webapp.database import writing
from webapp.extensions import db
from webapp.models import Action, Audit
from webapp.services import audit, bookings, payments
from webapp.services.audit import BELLHOP
from webapp.services.audit import log as audit_log
from webapp.services.audit.log import Filters

pytestmark = pytest.mark.usefixtures("app")
both = pytest.mark.both_databases


def an_act(action: Action = Action.CHANNEL_PAUSED, *, by: audit.Actor = BELLHOP, at: Any = None, **more: Any) -> int:
    with writing():
        act = audit.record(action, by=by, **more)
        if at:
            act.at = at
            db.session.flush()
    return act.id


def found(filters: Filters, **place: Any) -> list[int]:
    return [line.act.id for line in audit_log.page(filters, **place).rows]


@both
def test_each_filter_narrows_and_all_do_together() -> None:
    rosa, booking = a_user(), a_booking(reference="BK-77")
    an_act(Action.BOOKING_CHANGED, by=audit.person(a_user()), booking_id=booking.id)
    wanted = an_act(Action.BOOKING_CHANGED, by=audit.person(rosa), booking_id=booking.id)
    program = an_act(by=BELLHOP)

    assert found(Filters(who=str(rosa.id))) == [wanted]
    assert found(Filters(who=str(rosa.id), act=Action.BOOKING_CHANGED, reference="bk-7")) == [wanted]
    assert found(Filters(who="programs")) == [program] == found(Filters(act=Action.CHANNEL_PAUSED))
    assert found(Filters(reference="BK-78")) == []


@both
def test_days_include_both_ends() -> None:
    days = [datetime(2026, 5, day, hour, tzinfo=UTC) for day, hour in ((1, 23), (2, 0), (3, 23), (4, 0))]
    ids = [an_act(at=at) for at in days]

    assert found(Filters(first=date(2026, 5, 2), last=date(2026, 5, 3))) == [ids[2], ids[1]]
    assert found(Filters(first=date(2026, 5, 4))) == [ids[3]]
    assert found(Filters(last=date(2026, 4, 30))) == []


@pytest.mark.settings(timezone="Pacific/Auckland")
def test_a_day_is_the_businesss_own() -> None:
    act = an_act(at=datetime(2026, 5, 1, 12, 30, tzinfo=UTC))

    assert found(Filters(first=date(2026, 5, 2), last=date(2026, 5, 2))) == [act]


@both
def test_pages_go_on_by_id_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE", 2)
    ids = [an_act() for _ in range(5)][::-1]

    first = audit_log.page(Filters())
    second = audit_log.page(Filters(), before=first.next)
    back = audit_log.page(Filters(), after=second.previous)

    assert [line.act.id for line in second.rows] == ids[2:4] and first.previous is None
    assert [line.act.id for line in back.rows] == ids[:2]


def an_import(upload: int, count: int) -> list[int]:
    """The acts of an import, newest first."""
    ids = [an_act(Action.BOOKING_CREATED, booking_id=a_booking().id, upload=upload, line=n) for n in range(count)]
    return [an_act(Action.BOOKINGS_IMPORTED, upload=upload, name="may.csv"), *ids[::-1]]


@both
def test_an_import_is_one_line_that_lists_its_bookings() -> None:
    before, ids, other = an_act(), an_import(1, 3), an_import(2, 1)

    newest, first, oldest = audit_log.page(Filters()).rows

    assert (newest.act.id, first.act.id, oldest.act.id) == (other[0], ids[0], before)
    assert (first.count, len(first.added), newest.count, oldest.count) == (3, 3, 1, 0)
    assert first.act.action is Action.BOOKINGS_IMPORTED


@both
def test_pages_step_over_a_whole_import(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_log, "PAGE", 1)
    monkeypatch.setattr(audit_log, "READ", 2)
    oldest, ids, newest = an_act(), an_import(1, 5), an_act()

    first = audit_log.page(Filters())
    second = audit_log.page(Filters(), before=first.next)
    third = audit_log.page(Filters(), before=second.next)
    back = audit_log.page(Filters(), after=third.previous)

    assert [line.act.id for page in (first, second, third, back) for line in page.rows] == [
        newest,
        ids[0],
        oldest,
        ids[0],
    ]
    assert back.rows[0].count == second.rows[0].count == 5 and third.next is None


def test_bookings_that_were_added_one_by_one_stay_apart() -> None:
    ids = [an_act(Action.BOOKING_CREATED, booking_id=a_booking().id) for _ in range(2)]

    assert found(Filters()) == ids[::-1]


@pytest.mark.settings(timezone="Asia/Tokyo")
def test_a_time_in_a_detail_is_the_businesss_own() -> None:
    with writing():
        act = audit.record(
            Action.BOOKING_CHANGED, by=BELLHOP, starts_at=["2026-05-01T10:00:00+00:00", "2026-05-01T12:00Z"]
        )

    assert [str(change) for change in audit_log.changes(act)] == [
        "Starts at: Fri, 1 May 2026, 19:00:00 JST → Fri, 1 May 2026, 21:00:00 JST"
    ]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(who="1"),
        Filters(who="programs"),
        Filters(act=Action.TEST_SENT),
        Filters(reference="BK-1"),
        Filters(first=date(2026, 5, 1), last=date(2026, 5, 2)),
    ],
)
def test_no_filter_walks_or_sorts_the_whole_log(filters: Filters) -> None:
    an_act(booking_id=a_booking(reference="BK-1").id)  # One that the search by its reference finds.

    with plans() as steps:
        audit_log.page(filters)

    walked = [step for step in steps if step.startswith("SCAN audit") and "USING" not in step]
    assert (walked == [] or filters == Filters()) and not [step for step in steps if "TEMP B-TREE FOR ORDER BY" in step]


@pytest.mark.parametrize("query", [{"who": "x"}, {"act": "flown"}, {"from": "soon"}, {"to": "9999-12-31"}])
def test_a_filter_that_is_none_narrows_nothing(query: dict[str, str]) -> None:
    assert Filters.read(query) == Filters()


def test_an_address_comes_back_as_it_was_read() -> None:
    query = {"who": "7", "act": "test_sent", "from": "2026-05-01", "to": "2026-05-02", "booking": "BK-1"}

    assert Filters.read(query).query() == query


def test_a_step_says_from_what_to_what() -> None:
    booking = a_booking()
    payment = a_payment(booking)

    declined = bookings.decline(booking, by=BELLHOP, reason="Full")
    verified = payments.reject(payment, by=BELLHOP)

    assert list(map(str, audit_log.changes(declined))) == ["Status: Pending → Declined", "Reason: Full"]
    assert list(map(str, audit_log.changes(verified))) == ["Status: To verify → Rejected"]


@pytest.mark.parametrize(
    ("detail", "says"),
    [
        ({"party_size": [2, 4]}, ["Party size: 2 → 4"]),
        ({"changes": {"starts_at": ["a", "b"], "name": ["", "Bo"]}}, ["Starts at: a → b", "Name: nothing → Bo"]),
        ({"amount": {"from": "1.00", "to": "2.00"}}, ["Amount: 1.00 → 2.00"]),
        ({"channel": "sms", "version": 3, "person": 4, "why": ""}, ["Channel: SMS"]),
        ({"on": True, "names": ["a", "b", "c"]}, ["On: yes", "Names: a, b, c"]),
    ],
)
def test_details_are_read_out(detail: dict[str, Any], says: list[str]) -> None:
    an_act(**detail)

    assert list(map(str, audit_log.changes(db.session.query(Audit).one()))) == says
