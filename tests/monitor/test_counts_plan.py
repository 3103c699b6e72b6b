"""Counting a backlog of 60,000 is cheap only while SQLite uses an index for each figure."""

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from webapp.extensions import db
from webapp.monitor import counts

INDEX = {
    "queued": "due", "due_later": "due", "running": "leased", "overdue": "leased",
    "uncertain": "ix_message_status_id",
}  # fmt: skip


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("figure", INDEX)
def test_each_count_reads_nothing_but_its_index(figure: str) -> None:
    plan = _plan(counts.statements()[figure])

    assert f"COVERING INDEX {INDEX[figure]}" in plan


@pytest.mark.usefixtures("app")
def test_messages_tried_again_are_found_among_those_waiting() -> None:
    plan = _plan(counts.statements()["retrying"])

    assert "USING" in plan
    assert "INDEX" in plan


@pytest.mark.usefixtures("app")
def test_the_oldest_is_the_first_of_its_index() -> None:
    plan = _plan(counts.oldest_due())

    assert "INDEX due" in plan
    assert "TEMP B-TREE" not in plan


def _plan(statement: "Select[int] | Select[object]") -> str:
    sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    return "; ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
