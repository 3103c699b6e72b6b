"""How long does staff wait for a confirmation, 20 at once and workers busy, beside a plain design?

Budget: no slower than the plain design (commit, then `.delay()`) in the same run, and p95 under 100 ms. The plain
one is `guide_app.py`. Rounds take turns, and whoever has not the turn is frozen, so that both have the machine alone.
"""

import re
import secrets
import sqlite3
import statistics
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import requests
from celery import Celery

from tests.bench import rows, stage
from tests.bench.programs import provider
from tests.bench.staff import Click, Clicked, all_click
from tests.bench.timing import Table, ms, percentile, ratio
from tests.support.processes import Process
from tests.support.servers import Valkey, Web, Worker
from webapp.models import Role
from webapp.services.accounts import api_keys, sign_in
from webapp.services.messages import bell

STAFF = 20
PACES = {"a click a second each": 1.0, "without a pause": 0.0}
ROUNDS = 3
PACE_SECONDS = 25  # No further round begins later.
CLICKS = 80  # A round; paced, that is four seconds.
ROUND_SECONDS = 4  # No click begins later: a design that is slow makes fewer.
WARM_UP = 40
FED = 5  # Messages that come from elsewhere every FED_EVERY, so that the workers always have some to send.
FED_EVERY = 0.5
PASSWORD = secrets.token_hex(8)


@dataclass(frozen=True)
class Side:
    """One design: its processes, its clicks, and how its workers are kept busy."""

    name: str
    port: int
    processes: tuple[Process, ...]
    clicks: Callable[[int], list[Click]]
    feed: Callable[[], None]


def main() -> None:
    """Let both designs take turns, at each pace."""
    stage.end_when_told()
    with stage.folder() as folder, ExitStack() as stack:
        valkey = stack.enter_context(Valkey(folder))
        far = stack.enter_context(stage.Provider(folder))
        sides = [_guide(stack, folder, valkey, far), *_bellhop(stack, folder, valkey, far)]
        for side in sides:
            with _turn(side, sides):
                _click(side, side.clicks(WARM_UP), 0)
        errors = sum(_compare(sides, far, pace, pause) for pace, pause in PACES.items())
    sys.exit(1 if errors else 0)


def _compare(sides: list[Side], far: stage.Provider, pace: str, pause: float) -> int:
    """Print one table; how many clicks failed."""
    done: dict[str, Clicked] = defaultdict(Clicked)
    sent: dict[str, int] = defaultdict(int)
    enough = time.monotonic() + PACE_SECONDS
    for number in range(ROUNDS):
        if number and time.monotonic() > enough:
            break
        for side in sides:
            with _turn(side, sides):
                # In its turn: a process that was frozen in a write holds its database's lock.
                clicks, before = side.clicks(CLICKS), far.arrived()
                done[side.name].add(_click(side, clicks, pause))
                sent[side.name] += far.arrived() - before
    columns = ("confirm", "clicks", "errors", "p50", "p95", "p99", "clicks/s", "sent/s", "p50 : guide", "p95 : guide")
    table = Table(f"{STAFF} staff at once, {pace}, workers busy; budget: 1.00 × and p95 < 100 ms", columns)
    guide = done[sides[0].name].seconds
    for name, clicked in done.items():
        times = clicked.seconds
        shown = (ms(percentile(times, share)) for share in (0.5, 0.95, 0.99))
        rates = (f"{len(times) / clicked.took:.0f}", f"{sent[name] / clicked.took:.0f}")
        middle = ratio(statistics.median(times), statistics.median(guide)) if times and guide else "-"
        high = ratio(percentile(times, 0.95), percentile(guide, 0.95))
        table.add(name, len(times), len(clicked.errors), *shown, *rates, middle, high)
        for error in sorted(set(clicked.errors))[:3]:
            print(f"{name}: {error}", file=sys.stderr)
    table.show()
    return sum(len(clicked.errors) for clicked in done.values())


def _click(side: Side, clicks: list[Click], pause: float) -> Clicked:
    return all_click(side.port, clicks, people=STAFF, pause=pause, within=ROUND_SECONDS)


@contextmanager
def _turn(side: Side, sides: list[Side]) -> Iterator[None]:
    """Let only this side run, its workers fed from elsewhere."""
    for process in {process for other in sides for process in other.processes} - set(side.processes):
        process.freeze()
    for process in side.processes:
        process.thaw()
    over = threading.Event()
    feeder = threading.Thread(target=_feed, args=(side.feed, over))
    feeder.start()
    try:
        yield
    finally:
        over.set()
        feeder.join()


def _feed(feed: Callable[[], None], over: threading.Event) -> None:
    while True:
        feed()
        if over.wait(FED_EVERY):
            return


def _bellhop(stack: ExitStack, folder: Path, valkey: Valkey, far: stage.Provider) -> list[Side]:
    """Gunicorn with the project's settings and a worker; by the API, and by the page as a signed-in clerk."""
    data = folder / "bellhop"
    data.mkdir()
    env = stage.as_shipped(data, redis_url=valkey.url, **far.settings)
    app = stack.enter_context(stage.app(env))
    key = api_keys.create("bench")
    sign_in.add("clerk@desk.example", name="Rosa Silva", role=Role.FRONT_DESK, password=PASSWORD)
    processes = (stack.enter_context(Web(env)), stack.enter_context(Worker(env)))
    port = processes[0].port
    cookie, token = _sign_in(processes[0].url)

    def by_api(count: int) -> list[Click]:
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        made = rows.bookings(count, phones=provider.SLOW)
        return [Click(f"/api/v1/bookings/{row['reference']}/confirm", "{}", headers) for row in made]

    def by_page(count: int) -> list[Click]:
        headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        made = rows.bookings(count, phones=provider.SLOW)
        fixed = {"csrf_token": token, "version": "1", "view": "row"}
        forms = (urlencode(fixed | {"form_key": secrets.token_hex(16)}) for _ in made)
        return [
            Click(f"/bookings/{row['reference']}/confirmation", form, headers)
            for row, form in zip(made, forms, strict=True)
        ]

    def feed() -> None:
        with app.app_context():
            bell.ring(*rows.due_messages(FED, phones=provider.SLOW))

    return [
        Side("Bellhop, the API", port, processes, by_api, feed),
        Side("Bellhop, the page", port, processes, by_page, feed),
    ]


def _sign_in(url: str) -> tuple[str, str]:
    """A clerk's cookie, and the token that forms of this session carry."""
    with requests.Session() as browser:
        browser.trust_env = False
        token = _token(browser.get(f"{url}/login", timeout=30).text)
        who = {"csrf_token": token, "email": "clerk@desk.example", "password": PASSWORD}
        page = browser.post(f"{url}/login", data=who, timeout=30)
        assert page.ok and not page.url.endswith("/login"), f"signing in answered {page.status_code}"
        return "; ".join(f"{name}={value}" for name, value in browser.cookies.items()), _token(page.text)


def _token(page: str) -> str:
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found, "the page carries no CSRF token"
    return found[1]


def _guide(stack: ExitStack, folder: Path, valkey: Valkey, far: stage.Provider) -> Side:
    """The same gunicorn settings, the same kind of database, and one worker."""
    data = folder / "guide"
    data.mkdir()
    broker = valkey.url.removesuffix("0") + "1"
    env = stage.as_shipped(data, redis_url=broker, **far.settings) | {
        "GUIDE_DATABASE_URL": f"sqlite:///{data}/guide.db"
    }
    ids = _guide_bookings(data / "guide.db")
    python = [sys.executable, "-m"]
    serve = [*python, "gunicorn", "-c", "deploy/gunicorn.conf.py", "tests.bench.programs.guide_app:app"]
    work = [
        *python,
        "celery",
        "-A",
        "tests.bench.programs.guide_app:celery_app",
        "worker",
        "--loglevel=info",
        "--pool=solo",
    ]
    work += ["-Q", "notifications", "--concurrency=1"]
    processes = (
        stack.enter_context(Web(env, command=serve)),
        stack.enter_context(Worker(env, command=work, name="guide-worker")),
    )
    queue = stack.enter_context(Celery("feeder", broker=broker, set_as_current=False))

    def clicks(count: int) -> list[Click]:
        return [Click(f"/bookings/{next(ids)}/confirm", "", {}) for _ in range(count)]

    def feed() -> None:
        for _ in range(FED):
            queue.send_task("tests.bench.programs.guide_app.send_notification", args=[next(ids)], queue="notifications")

    return Side("the plain design", processes[0].port, processes, clicks, feed)


def _guide_bookings(path: Path, count: int = 5000) -> Iterator[int]:
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE booking (id INTEGER PRIMARY KEY, phone TEXT NOT NULL, status TEXT NOT NULL)")
    made = ((number, f"{provider.SLOW}{number:07d}", "pending") for number in range(1, count + 1))
    database.executemany("INSERT INTO booking VALUES (?, ?, ?)", made)
    database.commit()
    database.close()
    return iter(range(1, count + 1))


if __name__ == "__main__":
    main()
