"""Kept lines become rows, linked to their booking; with the database away they wait."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import OperationalError

from tests.factories import a_message
from webapp.database import writing
from webapp.extensions import db
from webapp.logs.buffer import LogBuffer, LogEntry
from webapp.models import LogLine
from webapp.services.housekeeping import log_store

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> LogBuffer:
    kept = LogBuffer()
    monkeypatch.setattr(log_store, "BUFFER", kept)
    return kept


def a_line(sentence: str = "A lease ended.", trace_id: str = "", **detail: Any) -> LogEntry:
    return LogEntry(datetime.now(UTC), "warning", sentence, detail, trace_id)


def rows() -> list[LogLine]:
    return list(db.session.scalars(select(LogLine).order_by(LogLine.id)))


@pytest.mark.both_databases
def test_a_line_is_written_with_the_booking_that_its_message_is_about(kept: LogBuffer) -> None:
    message = a_message()
    kept.give_back([a_line(message_id=message.id, trace_id="t-1"), a_line(booking="BK-9"), a_line(message_id=10**9)])
    reference = message.reference

    assert log_store.flush() == 3

    first, second, third = rows()
    assert [row.reference for row in (first, second, third)] == [reference, "BK-9", ""]
    assert (first.trace_id, first.detail, first.level) == ("t-1", {"message_id": message.id}, "warning")
    assert first.process.startswith("web-") and second.detail == {}


def test_nothing_to_write_writes_nothing(kept: LogBuffer) -> None:
    assert log_store.flush() == 0


def test_with_the_database_away_the_lines_wait(kept: LogBuffer, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.give_back([a_line()])

    def away() -> None:
        raise OperationalError("", {}, Exception("gone"))

    with monkeypatch.context() as patched:
        patched.setattr(log_store, "writing", away)
        assert log_store.flush() == 0

    assert log_store.flush() == 1 and len(rows()) == 1


@pytest.mark.both_databases
def test_only_the_newest_thousand_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_store, "NEWEST", 10)
    with writing():
        facts = {"level": "error", "process": "web-1", "sentence": "x"}
        db.session.execute(insert(LogLine), [facts | {"detail": {"row": n}} for n in range(25)])

    assert [log_store.prune(), log_store.prune()] == [15, 0]

    assert db.session.scalar(select(func.count()).select_from(LogLine)) == 10
    assert rows()[0].detail == {"row": 15}
