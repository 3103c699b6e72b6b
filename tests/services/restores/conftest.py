"""A database as it was at some moment, and putting it back: its rows, on whichever database."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select

from webapp.database import reading, writing
from webapp.extensions import db
from webapp.services.delivery import known_epoch
from webapp.services.restores import guard
from webapp.services.restores.guard import Grow

Copy = dict[str, list[dict[str, Any]]]
# In the order in which they may be filled: each points to those before it.
TABLES = ("database_mark", "channel", "user_account", "guest", "booking", "audit", "message", "attempt", "opt_out")


@pytest.fixture
def copied(app: Flask) -> Callable[[], Copy]:
    """Make a copy of the tables that matter here."""

    def copy() -> Copy:
        with reading():
            return {name: [dict(row) for row in db.session.execute(select(_table(name))).mappings()] for name in TABLES}

    return copy


@pytest.fixture
def put_back(app: Flask) -> Callable[[Copy], None]:
    """Put a copy back in place of what is there."""

    def put(copy: Copy) -> None:
        with writing():
            for name in reversed(TABLES):
                db.session.execute(delete(_table(name)))
            for name in TABLES:
                if copy[name]:
                    db.session.execute(insert(_table(name)), copy[name])
        db.session.expire_all()

    return put


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Let a worker's ten seconds pass."""
    return _work


@pytest.fixture
def restart(app: Flask) -> Callable[[], None]:
    """Forget all that this process knows, as one that is started does; then it looks first."""

    def start() -> None:
        app.extensions.pop("bellhop_known_epoch", None)
        known_epoch.of_app().trust_nothing()
        guard.look(Grow.IN_A_NEW_RUN)

    return start


def _work() -> None:
    guard.look(Grow.NOW)


def _table(name: str) -> Any:
    return db.metadata.tables[name]
