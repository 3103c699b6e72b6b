"""With 100,000 bookings, how long does each list of the front desk take?

Budget: p95 under 100 ms for the whole page, through Flask, on both databases. Counts that open pages share for a second
are taken afresh each time, as if nobody else were looking.
"""

import re
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from tests.bench import rows, stage
from tests.bench.timing import Table, ms, percentile
from tests.support.servers import Postgres
from webapp.extensions import limiter
from webapp.models import Role
from webapp.services.accounts import sign_in
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings.filters import Filters, quick_days
from webapp.services.queue import banner

BOOKINGS = 100_000
LOOKS = 40
EMAIL, PASSWORD = "bench@desk.example", "correct horse battery"
BUDGET = "p95 < 100 ms"
Figures = dict[str, list[float]]


def main() -> None:
    """Fill each database, then look at each list again and again."""
    stage.end_when_told()
    with stage.folder() as folder, Postgres() as postgres:
        sqlite = _measured(folder, {})
        other = _measured(folder, {"database_url": postgres.create_database("lists")})
    columns = ("list", "SQLite p50", "SQLite p95", "PostgreSQL p50", "PostgreSQL p95", "budget")
    table = Table(f"Lists over {BOOKINGS:,} bookings", columns)
    for name in sqlite:
        shown = [ms(take(found[name])) for found in (sqlite, other) for take in (statistics.median, _p95)]
        table.add(name, *shown, BUDGET)
    table.show()


def _measured(folder: Path, settings: Mapping[str, Any]) -> Figures:
    with stage.app(stage.as_shipped(folder, **settings)) as app:
        rows.a_year_of_bookings(BOOKINGS)
        limiter.enabled = False
        sign_in.add(EMAIL, name="Rosa Silva", role=Role.FRONT_DESK, password=PASSWORD)
        clerk = signed_in(app)
        return {name: _times(clerk, path) for name, path in _lists().items()}


def signed_in(app: Flask) -> FlaskClient:
    """A browser of somebody who has just been added by EMAIL and PASSWORD."""
    client = app.test_client()
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/login").text)
    assert token
    form = {"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 303
    return client


def _lists() -> dict[str, str]:
    """Each list by its name, with its address."""
    day, week = quick_days()["Today"][0], quick_days()["Next 7 days"][1]
    page = booking_list.page(Filters("completed"))
    for _ in range(400):
        page = booking_list.page(Filters("completed"), after=page.next)
    asked: dict[str, dict[str, Any]] = {
        "all": {},
        "to confirm": {"status": "pending"},
        "payment to verify": {"status": "to_verify"},
        "guest not reached": {"status": "not_reached"},
        "confirmed": {"status": "confirmed"},
        "completed, page 400": {"status": "completed", "after": page.next},
        "today": {"from": day, "to": day},
        "next 7 days, to confirm": {"from": day, "to": week, "status": "pending"},
        "a service": {"service": rows.SERVICES[0]},
        "a rare service": {"service": rows.RARE},
        "a rare service, confirmed": {"service": rows.RARE, "status": "confirmed"},
        "earliest first": {"sort": "start"},
        "latest first": {"sort": "start_last"},
        "newest taken": {"sort": "newest"},
        "newest taken, to confirm": {"sort": "newest", "status": "pending"},
        "newest taken, completed": {"sort": "newest", "status": "completed"},
        "newest taken, no-show": {"sort": "newest", "status": "no_show"},
        "a name": {"q": "amelia h"},
        "the end of a phone": {"q": "4711"},
        "a reference that 11,000 have": {"q": "list-1"},
        "a letter": {"q": "a"},
    }
    pages = {name: f"/bookings?{urlencode(query)}" for name, query in asked.items()}
    return {"the day's first page": "/"} | pages | {"a poll": "/bookings/list/work?seen=99000"}


def _times(clerk: FlaskClient, path: str) -> list[float]:
    taken = []
    for look in range(LOOKS + 1):
        booking_counts.forget()
        banner.forget()
        began = time.perf_counter()
        answer = clerk.get(path)
        if look:  # The first one reads what the others find in memory.
            taken.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code)
    return taken


def _p95(times: list[float]) -> float:
    return percentile(times, 0.95)


if __name__ == "__main__":
    main()
