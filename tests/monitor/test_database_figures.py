"""The database says what it is and how large it is, on both kinds."""

import pytest

from tests.factories import a_message, an_attempt
from webapp.database import writing
from webapp.extensions import db
from webapp.models import WorkerRow
from webapp.monitor import database_figures
from webapp.monitor.workers import page
from webapp.services.queue import health as queue_health

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.both_databases]


def test_its_kind_and_size_are_told() -> None:
    expected = {"sqlite": "SQLite 3.", "postgresql": "PostgreSQL 1"}[db.engine.dialect.name]

    assert database_figures.kind().startswith(expected)
    assert database_figures.size() > 10_000


def test_a_worker_and_the_house_are_read_on_it() -> None:
    with writing():
        db.session.add(WorkerRow(name="w1", pool="threads", concurrency=16))
    an_attempt(a_message(), worker="w1")

    assert len(page.read("w1").handed) == 1
    assert queue_health.read().advice.title.startswith("Too early")
