"""A broker for the one act that speaks to Redis, and the sum of all places, told at the end."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from tests.conftest import Browser
from tests.faults import totals
from tests.faults.judging import Caller, token_of
from tests.support.servers import Valkey
from webapp.extensions import db
from webapp.services.accounts import api_keys
from webapp.settings import Settings

NEED_REDIS = ("queue_acts.drop_reply_keys",)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Valkey]:
    """A real broker."""
    with Valkey(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture
def settings(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """The usual settings; with the real broker for an act that speaks to it."""
    name = request.node.callspec.params.get("name") if hasattr(request.node, "callspec") else None
    if name not in NEED_REDIS:
        return settings
    return settings.model_copy(update={"redis_url": request.getfixturevalue("valkey").url})


@pytest.fixture
def app(app: Flask) -> Flask:
    """The usual app. No power fails here, so SQLite need not wait for the disk, as PostgreSQL does not either."""
    if db.engine.dialect.name == "sqlite":
        db.session.remove()
        db.engine.dispose()
        event.listen(db.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
    return app


@pytest.fixture
def caller(app: Flask, admin: Browser) -> Caller:
    """An admin's browser, and a program with a key."""
    admin.csrf_token = token_of(admin)
    return Caller(app, admin, api_keys.create("Enumeration"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many places were tried, and what was wrong there."""
    if said := totals.said():
        terminalreporter.section("failing statements and commits")
        terminalreporter.line(said)
