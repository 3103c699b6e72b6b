"""Counting a backlog of 60,000 is cheap only while SQLite uses an index for each figure."""

import pytest
from sqlalchemy import Select, text
from sqlalchemy.dialects import sqlite

from webapp.extensions import db
from webapp.monitor import counts

INDEX = {
    "queued": "due", "due_later": "due", "retrying": "due", "running": "leased", "overdue": "leased",
    "uncertain": "ix_message_status_id",
}  # fmt: skip


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("figure", counts.statements())
def test_each_count_searches_its_own_index(figure: str) -> None:
    plan = _plan(counts.statements()[figure])

    assert plan.startswith("SEARCH message USING")
    assert f"INDEX {INDEX[figure]} (" in plan


@pytest.mark.usefixtures("app")
def test_the_oldest_is_the_first_of_its_index() -> None:
    assert _plan(counts.oldest_due()) == "SEARCH message USING INDEX due (due_at<?)"


def _plan(statement: "Select[int] | Select[object]") -> str:
    sql = str(statement.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    return "; ".join(row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}")))
