"""Making the n-th statement or commit of a piece of work fail, as a connection that drops does."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import psycopg
from flask import current_app
from sqlalchemy import select

from webapp.extensions import db

# Rows about repeats and files that the database keeps for itself: no act of anybody.
BOOKKEEPING = ("kept_answer",)


class When(StrEnum):
    """Where the connection drops."""

    STATEMENT = "before a statement"
    COMMIT = "before a commit"
    ANSWER = "after a commit, before its answer"


@dataclass
class Break:
    """Which of them fails; with `number` 0 none does, and all are counted."""

    when: When
    number: int
    seen: Counter[When]

    def meet(self, when: When) -> None:
        """Count one, and fail if it is the one."""
        self.seen[when] += 1
        if (when, self.seen[when]) == (self.when, self.number):
            kind = sqlite3 if db.engine.dialect.name == "sqlite" else psycopg
            raise kind.OperationalError("server closed the connection unexpectedly")


@contextmanager
def breaking(when: When = When.STATEMENT, number: int = 0) -> Iterator[Break]:
    """Let the driver's calls fail as asked; what they would raise is what a dropped connection raises."""
    dialect, cut = db.engine.dialect, Break(when, number, Counter())
    execute, execute_many, commit = dialect.do_execute, dialect.do_executemany, dialect.do_commit

    def one(*args: Any, **more: Any) -> None:
        cut.meet(When.STATEMENT)
        execute(*args, **more)

    def many(*args: Any, **more: Any) -> None:
        cut.meet(When.STATEMENT)
        execute_many(*args, **more)

    def committed(connection: Any) -> None:
        cut.meet(When.COMMIT)
        commit(connection)
        cut.meet(When.ANSWER)

    dialect.do_execute, dialect.do_executemany, dialect.do_commit = one, many, committed  # type: ignore[method-assign]
    try:
        yield cut
    finally:
        del dialect.do_execute, dialect.do_executemany, dialect.do_commit


def rows() -> dict[str, list[Any]]:
    """All rows of the business, by table."""
    with current_app.app_context(), db.engine.connect() as connection:
        tables = [table for table in db.metadata.sorted_tables if table.name not in BOOKKEEPING]
        return {table.name: sorted(map(repr, connection.execute(select(table)))) for table in tables}


def shape() -> Counter[tuple[str, str]]:
    """How many rows each table has in each state: two effects in place of one are seen here."""
    found: Counter[tuple[str, str]] = Counter()
    with current_app.app_context(), db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name in BOOKKEEPING:
                continue
            state = table.c.get("status", table.c.get("action"))
            for row in connection.execute(select(state if state is not None else table)):
                found[table.name, str(row[0]) if state is not None else ""] += 1
    return found
