"""Making the n-th statement or commit of a piece of work fail, as a connection that drops does."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any

import psycopg
from flask import current_app
from sqlalchemy import Boolean, case, select

from webapp.extensions import db
from webapp.models import Receipt

# Rows about repeats, and rows that only follow from others and have fragments of drawn references: no act of anybody.
BOOKKEEPING = ("kept_answer", "search_term")
WRITES = ("INSERT", "UPDATE", "DELETE")
_MOMENT = re.compile(r"datetime\.datetime\((?:[^()]|\([^()]*\))*\)")
_DRAWN = re.compile(r"(?:BK|TEST)-\w+|[\w$+/=.,@<>-]*\d[\w$+/=.,@<>-]*")

Rows = dict[str, list[str]]
Effect = Counter[tuple[str, str]]  # By table: "+" and "-" before what a row says.


class When(StrEnum):
    """Where the connection drops."""

    STATEMENT = "before a statement"
    COMMIT = "before a commit"
    ANSWER = "after a commit, before its answer"


class Died(BaseException):
    """The process is gone at this place: nothing after it runs."""


@dataclass
class Break:
    """Which of them fails; with `number` 0 none does, and all are counted."""

    when: When
    number: int
    seen: Counter[When] = field(default_factory=Counter)
    is_death: bool = False  # The process ends there, instead of its connection.
    before_write: int = 0  # How many statements there were before the first that writes,
    before_commit: int = 0  # before the first commit,
    at_last_commit: int = 0  # and before the last one.

    def meet(self, when: When, statement: str = "") -> None:
        """Count one, and fail if it is the one."""
        if not self.before_write and statement.startswith(WRITES):
            self.before_write = self.seen[when]
        if when is When.COMMIT:
            self.before_commit = self.before_commit or self.seen[When.STATEMENT]
            self.at_last_commit = self.seen[When.STATEMENT]
        self.seen[when] += 1
        if (when, self.seen[when]) == (self.when, self.number):
            if self.is_death:
                raise Died
            kind = sqlite3 if db.engine.dialect.name == "sqlite" else psycopg
            raise kind.OperationalError("server closed the connection unexpectedly")

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Count and fail for as long as this lasts; it may be taken up again."""
        dialect = db.engine.dialect
        execute, execute_many, commit = dialect.do_execute, dialect.do_executemany, dialect.do_commit

        def one(cursor: Any, statement: str, *args: Any, **more: Any) -> None:
            self.meet(When.STATEMENT, statement)
            execute(cursor, statement, *args, **more)

        def many(cursor: Any, statement: str, *args: Any, **more: Any) -> None:
            self.meet(When.STATEMENT, statement)
            execute_many(cursor, statement, *args, **more)

        def committed(connection: Any) -> None:
            self.meet(When.COMMIT)
            commit(connection)
            self.meet(When.ANSWER)

        dialect.do_execute, dialect.do_executemany, dialect.do_commit = one, many, committed  # type: ignore[method-assign]
        try:
            yield
        finally:
            del dialect.do_execute, dialect.do_executemany, dialect.do_commit


@contextmanager
def breaking(when: When = When.STATEMENT, number: int = 0) -> Iterator[Break]:
    """Let the driver's calls fail as asked; what they would raise is what a dropped connection raises."""
    cut = Break(when, number)
    with cut.applied():
        yield cut


def rows() -> Rows:
    """All rows of the business, by table."""
    with current_app.app_context():
        connection = db.engine.raw_connection()
        try:
            cursor = connection.cursor()
            return {name: sorted(map(repr, cursor.execute(look).fetchall())) for name, look in _looks().items()}
        finally:
            connection.close()


def difference(before: Rows) -> Effect:
    """Which rows are there that were not, and which are no more: two effects in place of one are seen here.

    What differs between any two acts of a kind is left out of them: ids, moments, names and numbers that are drawn.
    """
    now, found = rows(), Counter[tuple[str, str]]()
    for table in now:
        was, are = Counter(before[table]), Counter(now[table])
        for row, many in (are - was).items():
            found[table, f"+{_plain(row)}"] += many
        for row, many in (was - are).items():
            found[table, f"-{_plain(row)}"] += many
    return found


def _looks() -> dict[str, str]:
    """How each table is read: as text, since a place is looked at three times and there are thousands.

    A receipt that moved nothing is only heard again, and that is kept as often as it is heard.
    """
    return _read_by(db.engine.dialect.name)


@cache
def _read_by(_dialect: str) -> dict[str, str]:
    looks = {}
    for table in db.metadata.sorted_tables:
        if table.name not in BOOKKEEPING:
            columns = (case((c, "yes"), (~c, "no")) if isinstance(c.type, Boolean) else c for c in table.columns)
            look = select(*columns) if table.name != "receipt" else select(*columns).where(Receipt.moved)
            looks[table.name] = str(look.compile(db.engine, compile_kwargs={"literal_binds": True}))
    return looks


def _plain(row: str) -> str:
    return _DRAWN.sub("#", _MOMENT.sub("@", row))
