"""Each cause is found when it is there, and not a moment too early; each alert has its words."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from tests.factories import a_booking, a_message
from webapp.database import later, now, writing
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, DutyLease, MessageStatus, WorkerRow
from webapp.monitor.queue import queue_view
from webapp.monitor.view import BrokerFigures
from webapp.services.alerts import causes, finders, unreached
from webapp.services.alerts.causes import CAUSES
from webapp.services.alerts.finders import OF_WEB, OF_WORKERS
from webapp.services.audit import Actor
from webapp.services.delivery import channel_gate

pytestmark = pytest.mark.usefixtures("app")
FIGURES = BrokerFigures(
    bells=0, unacked=0, version="Valkey 9", clients=1, memory_used=850, memory_limit=1000,
    eviction="noeviction", keeps=True, refusal="", latency_ms=0.3,
)  # fmt: skip


def a_worker(name: str = "w1", *, seen: float = 0, started: float = -3600, **given: Any) -> None:
    with writing():
        db.session.add(WorkerRow(name=name, pool="threads", concurrency=16, seen_at=later(seen),
                                 started_at=later(started), **given))  # fmt: skip


def some_messages(status: MessageStatus, many: int, *, due: float = -60, **given: Any) -> None:
    for _ in range(many):
        a_message(status=status, first_due_at=later(due), settled_at=now(), **given)


@pytest.fixture
def redis(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Let the last look at Redis be what a test says of it."""

    def says(**figures: Any) -> None:
        view = replace(queue_view(), broker=replace(FIGURES, **figures), broker_up=True, broker_problem="", bells=0)
        monkeypatch.setattr(finders, "queue_view", lambda: view)

    return says


def test_every_cause_has_a_finder_and_words() -> None:
    assert CAUSES.keys() == OF_WORKERS.keys() | OF_WEB.keys() | {"duty_late"}
    assert causes.title("channel_paused", "sms") == "SMS is paused"
    assert causes.title("duty_late", "look_up", is_over=True) == "Background job goes on: look up"


@pytest.mark.both_databases
@pytest.mark.settings(alert_no_worker_seconds=60)
@pytest.mark.parametrize(("seen", "found"), [(0, False), (-14, False), (-50, False), (-61, True)])
def test_no_worker_is_found_after_its_time(seen: float, found: bool) -> None:
    a_worker(seen=seen)
    a_worker("long gone", seen=-900)

    assert bool(finders.no_worker()) is found


@pytest.mark.settings(alert_no_worker_seconds=60)
def test_a_worker_that_left_by_itself_counts_from_its_last_sign_of_life() -> None:
    a_worker(seen=-3, stopped_at=later(-3))
    assert finders.no_worker() == []

    a_worker("before", seen=-300, stopped_at=later(-300))
    assert finders.no_worker() == []


@pytest.mark.settings(alert_no_worker_seconds=45)
def test_where_no_worker_ever_was_the_looker_waits_by_itself() -> None:
    [finding] = finders.no_worker()

    assert finding.holds == 45 and finding.since is None


@pytest.mark.parametrize(("waited", "found"), [(299, False), (360, True)])
def test_an_old_message_is_found(waited: float, found: bool) -> None:
    a_message(due_in=timedelta(seconds=-waited))

    told = finders.oldest_waiting()

    assert bool(told) is found
    assert not found or told[0].sentence == "1 message is due now, the oldest for 6 min."


@pytest.mark.both_databases
@pytest.mark.parametrize(("lost", "told", "found"), [(5, 95, True), (4, 10, False), (0, 30, False), (5, 195, False)])
@pytest.mark.settings(alert_failed_share=0.04)
def test_guests_whom_no_channel_reached_are_found_once_they_are_several(lost: int, told: int, found: bool) -> None:
    some_messages(MessageStatus.FAILED, lost, error_code="30008")
    some_messages(MessageStatus.DELIVERED, told)
    some_messages(MessageStatus.FAILED, 3, due=-4000, error_code="30008")
    some_messages(MessageStatus.SKIPPED, 5)

    findings = finders.failed_share()

    assert bool(findings) is found
    assert not found or findings[0].sentence == "Of 100 guests of the last hour 5 were not reached (5%)."


@pytest.mark.settings(alert_failed_at_least=1)
@pytest.mark.parametrize("code", ["21211", "21614", "63003", "550 5.1.1", "5.1.1", "bad_address", "21610"])
def test_a_wrong_address_is_no_alarm(code: str) -> None:
    some_messages(MessageStatus.FAILED, 2, error_code=code)

    assert finders.failed_share() == []


@pytest.mark.settings(alert_failed_at_least=1)
def test_a_guest_whom_another_channel_reached_is_no_alarm() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    for channel, status in ((ChannelName.WHATSAPP, MessageStatus.FAILED), (ChannelName.SMS, MessageStatus.DELIVERED)):
        a_message(booking, channel=channel, status=status, error_code="30008", first_due_at=later(-60))

    assert finders.failed_share() == []


def test_a_paused_channel_is_found_with_who_and_why() -> None:
    channel_gate.pause(ChannelName.SMS, why="Number sold", by=Actor("Rosa Silva"))

    [finding] = finders.channel_paused()

    assert (finding.subject, finding.sentence) == ("sms", "Paused by Rosa Silva: Number sold.") and finding.since


def test_a_redis_that_is_away_is_found_and_the_rest_of_it_unknown() -> None:
    [finding] = finders.redis_away()

    assert "refuses the connection" in finding.sentence
    assert finders.redis_memory() is None and finders.redis_disk() is None


@pytest.mark.parametrize(
    ("figures", "found"), [({}, True), ({"memory_used": 800}, False), ({"memory_limit": 0}, False)]
)
def test_a_redis_that_is_nearly_full_is_found(redis: Any, figures: dict[str, int], found: bool) -> None:
    redis(**figures)

    assert bool(finders.redis_memory()) is found
    assert finders.redis_away() == []


def test_a_redis_that_cannot_write_is_found(redis: Any) -> None:
    redis(cannot_write=False)
    assert finders.redis_disk() == []

    redis(cannot_write=True)
    assert "write to disk failed" in finders.redis_disk()[0].sentence  # type: ignore[index]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"done_at": later(-3)}, None),
        ({"done_at": later(-61)}, None),
        ({"done_at": later(-90)}, "The background job ring was done last 2 min ago."),
        ({}, "The background job ring was never done."),
        ({"done_at": later(0), "error": "ValueError: no"}, "It fails at every turn: ValueError: no"),
    ],
)
def test_a_duty_that_is_late_or_fails_is_found(row: dict[str, Any], said: str | None) -> None:
    a_worker()
    with writing():
        db.session.add(DutyLease(name="ring", **row))

    found = finders.late_duties({"ring": 2.0})

    assert [(f.subject, f.sentence) for f in found] == ([("ring", said)] if said else [])


def test_a_duty_is_not_late_that_nobody_was_there_to_do() -> None:
    a_worker(started=-5)
    with writing():
        db.session.add(DutyLease(name="ring", done_at=later(-4000)))

    assert finders.late_duties({"ring": 2.0, "new": 2.0}) == []


@pytest.mark.parametrize("statement", [unreached.lost(), unreached.told()], ids=["lost", "told"])
def test_guests_are_counted_by_the_index_on_the_due_time(statement: Select[Any]) -> None:
    sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))

    plan = "; ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))

    assert "SEARCH message USING INDEX ix_message_first_due_at (first_due_at>?)" in plan
