"""Bad days that more than one page's tests share."""

import sqlite3
from collections.abc import Iterator

import pytest
from flask import Flask

from webapp.database import sqlite
from webapp.extensions import db


@pytest.fixture
def locked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another process holds SQLite's write lock for longer than anybody waits."""
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.2)
    db.session.rollback()
    other = sqlite3.connect(str(db.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.close()
