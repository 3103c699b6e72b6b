"""With 1,000,000 messages, how long does the delivery board take, and how much more than with 10,000?

Budget: p95 under 100 ms for each list, filter, search and poll, through Flask, on both databases, and at most 1.5 times
what it takes with 10,000 messages. The whole board as a file may make the process grow by 50 MB.
"""

import os
import resource
import statistics
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from tests.bench import many_messages, stage
from tests.bench.lists import EMAIL, PASSWORD, signed_in
from tests.bench.timing import Table, ms, percentile, ratio
from tests.support.servers import Postgres
from webapp.extensions import db, limiter
from webapp.models import Role
from webapp.services.accounts import sign_in
from webapp.services.queue import banner

FEW, MANY = 10_000, 1_000_000
LOOKS = 20
FILES = ("SQLite", "PostgreSQL")
Times = dict[str, list[float]]


def main() -> None:
    """Fill each database twice, and look at each list again and again."""
    stage.end_when_told()
    with stage.folder() as folder, Postgres() as postgres:
        for database in FILES:
            found: dict[int, Times] = {}
            files: list[str] = []
            for many in (FEW, MANY):
                (folder / f"{database}{many}").mkdir()
                url = {} if database == "SQLite" else {"database_url": postgres.create_database(f"board{many}")}
                found[many], files = _measured(folder / f"{database}{many}", url, many)
            _show(database, found)
            print(f"\nAll {MANY:,} messages as a file: {', '.join(files)} (budget: 50 MB).")


def _show(database: str, found: Mapping[int, Times]) -> None:
    columns = ("list", f"{FEW:,}: p50", "p95", f"{MANY:,}: p50", "p95", "p50 : p50", "p95 : p95", "budget")
    table = Table(f"The delivery board on {database}", columns)
    for name in found[FEW]:
        few, many = found[FEW][name], found[MANY][name]
        middle = statistics.median
        shown = [ms(take(times)) for times in (few, many) for take in (middle, _p95)]
        table.add(name, *shown, ratio(middle(many), middle(few)), ratio(_p95(many), _p95(few)), "< 100 ms, ≤ 1.5 ×")
    table.show()


def _measured(folder: Path, settings: Mapping[str, Any], many: int) -> tuple[Times, list[str]]:
    with stage.app(stage.as_shipped(folder, **settings)) as app:
        many_messages.fill(many)
        limiter.enabled = False
        sign_in.add(EMAIL, name="Martin Keller", role=Role.MANAGER, password=PASSWORD)
        manager = signed_in(app)
        db.session.remove()  # Nothing is read in it any more, and what waits in a transaction is ended after a minute.
        times = {name: _times(app, manager, path) for name, path in _lists(many).items()}
        return times, _file(app, manager, many) if many == MANY else []


def _lists(many: int) -> dict[str, str]:
    """Each list by its name, with its address. The first 13 days of this year's last month but one are asked for."""
    day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 100 * 86_400))
    week = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 94 * 86_400))
    asked: dict[str, dict[str, Any]] = {
        "by booking": {},
        "by booking, half way back": {"before": many // 2, "tip": many},
        "by booking, not delivered": {"status": "failed"},
        "by booking, read": {"status": "read"},
        "by booking, a day": {"from": day, "to": day},
        "by booking, a name": {"q": "amelia h"},
        "by message": {"view": "messages"},
        "by message, half way back": {"view": "messages", "before": many // 2},
        "not delivered": {"view": "messages", "status": "failed"},
        "not delivered, a cause": {"view": "messages", "status": "failed", "channel": "sms", "cause": "30006"},
        "not delivered, a week": {"view": "messages", "status": "failed", "from": day, "to": week},
        "resolved": {"view": "messages", "status": "resolved"},
        "delivered": {"view": "messages", "status": "delivered"},
        "delivered, e-mail (never)": {"view": "messages", "status": "delivered", "channel": "email"},
        "delivered, a rare event": {"view": "messages", "status": "delivered", "event": many_messages.RARE},
        "e-mail, a week": {"view": "messages", "channel": "email", "from": day, "to": week},
        "a rare event, a week": {"view": "messages", "event": many_messages.RARE, "from": day, "to": week},
        "a name": {"view": "messages", "q": "amelia h"},
        "the end of a phone": {"view": "messages", "q": "4711"},
        "a reference, not delivered": {"view": "messages", "q": "BRD-77", "status": "failed"},
        "nothing matches": {"q": "nobody", "status": "failed", "channel": "sms", "from": day},
    }
    pages = {name: f"/messages?{urlencode(query)}" for name, query in asked.items()}
    seen = "&".join(f"row={many - n}.seen" for n in range(25))
    polls = {
        "a poll": f"/messages/changes?newest={many}&{seen}",
        "a poll, not delivered": f"/messages/changes?newest={many}&had=7&status=failed&{seen}",
        "a poll while rows are ticked": f"/messages/news?newest={many}",
    }
    return pages | polls


def _times(app: Flask, manager: FlaskClient, path: str) -> list[float]:
    taken = []
    for look in range(LOOKS + 1):
        banner.forget()
        with app.app_context():  # A session of its own, as in real life: it has read nothing yet.
            began = time.perf_counter()
            answer = manager.get(path)
        if look:  # The first one reads what the others find in memory.
            taken.append(time.perf_counter() - began)
        assert answer.status_code == 200, (path, answer.status_code)
    return taken


def _p95(times: list[float]) -> float:
    return percentile(times, 0.95)


def _file(app: Flask, manager: FlaskClient, many: int) -> list[str]:
    """Take the whole board out: lines a second, and by how much the process grew at most."""
    with app.app_context():  # A token is kept in it; the one around us has that of the sign-in.
        page = manager.get("/messages").text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    before, began = _resident(), time.perf_counter()
    with app.app_context():
        answer = manager.post("/messages/export", data={"csrf_token": token}, buffered=False)
    assert answer.status_code == 200, answer.text
    lines, most = 0, before
    for piece in answer.iter_encoded():
        lines += piece.count(b"\n")
        most = max(most, _resident())
    took = time.perf_counter() - began
    assert lines == many + 1, lines
    return [f"{many / took:,.0f} lines/s", f"the process grew by {(most - before) / 2**20:.1f} MB"]


def _resident() -> int:
    """The memory of this process in bytes."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
