"""The queue by the API."""

from datetime import UTC, datetime

import pytest

from tests import factories
from tests.api.speaking import Api
from webapp.api import answers
from webapp.database import writing
from webapp.extensions import db
from webapp.models import WorkerRow


def test_the_queue_is_counted_with_the_broker_down(api: Api) -> None:
    factories.a_message()

    queue = api.get("/queue").json

    assert queue["broker"] == "down"
    assert (queue["queued"], queue["running"], queue["retrying"]) == (1, 0, 0)
    assert queue["bells"] is None
    assert queue["oldest_waiting_seconds"] >= 0
    assert queue["taken_at"].endswith("Z")


def test_workers_are_shown_by_their_heartbeat(api: Api) -> None:
    with writing():
        db.session.add(WorkerRow(name="notification_worker-1@desk", pool="threads", concurrency=16, active=3))

    (worker,) = api.get("/queue").json["workers"]

    assert {n: worker[n] for n in ("name", "alive", "active", "concurrency")} == {
        "name": "notification_worker-1@desk", "alive": True, "active": 3, "concurrency": 16,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("when", "shown"),
    [(None, None), (datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC), "2030-01-02T03:04:05Z"),
     (datetime(2030, 1, 2, 3, 4, 5, 600, tzinfo=UTC), "2030-01-02T03:04:05.000600Z")],
)  # fmt: skip
def test_a_moment_is_written_in_utc(when: datetime | None, shown: str | None) -> None:
    assert answers.moment(when) == shown
