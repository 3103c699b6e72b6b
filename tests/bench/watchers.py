"""What do people who watch the queue cost broker and workers: one beside two hundred, and Flower beside it?

Each viewer asks for the queue page's fragments every two seconds, as its browser does, with the ETag of what it has.
Counted meanwhile: control messages such as inspect's (by subscribing to the pidbox), reply lists that stand in Redis at
once (pidbox keys, the most that a look a second saw), Redis commands of all (INFO commandstats) and of the workers'
connections (CLIENT LIST; without MONITOR, which would slow what it watches), and processor seconds of web and workers.
What workers do for 200 may exceed what they do for one by no more than one sampler period's worth.
"""

import argparse
import http.client
import re
import secrets
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis
import requests

from tests.bench import stage
from tests.bench.timing import Table, ms, percentile
from tests.support.network.ports import free_port
from tests.support.processes import Process
from tests.support.servers import Valkey, Web, Worker
from webapp.duties import sample
from webapp.models import Role
from webapp.services.accounts import sign_in

VIEWERS = (1, 200)
WINDOW_SECONDS, QUICK_SECONDS = 60.0, 15.0
EVERY = 2.0
PASSWORD = secrets.token_hex(8)
EMAIL = "admin@bench.example"
# What a page with a script asks for: on every tick, on every second one, on every third one.
BELLHOP = (("/queue/state", 1), ("/queue/figures", 1), ("/queue/house", 2), ("/queue/channels", 3))
FLOWER = (("/workers?json=1", 1),)
SETTLE_SECONDS = 25.0  # Longer than a rediscovery, so that every window holds as many of them.


@dataclass
class Cost:
    """What one window cost."""

    name: str
    viewers: int
    seconds: float = 0  # How long the window really was: a machine that is busy makes it longer.
    polls: int = 0
    unchanged: int = 0
    errors: int = 0
    waits: list[float] = field(default_factory=list)
    commands: Counter[str] = field(default_factory=Counter)
    of_workers: int = 0  # Commands on the workers' connections.
    control: int = 0  # Messages to the workers' pidboxes.
    replies: int = 0  # The most reply lists that stood in Redis at once.
    viewer_seconds: float = 0  # Processor seconds of what the viewers ask: gunicorn's, or Flower's.
    worker_seconds: float = 0


def main() -> None:
    """Measure one viewer and two hundred, of Bellhop's page and of Flower's, on the same workers."""
    stage.end_when_told()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.watchers")
    parser.add_argument("--quick", action="store_true", help=f"windows of {QUICK_SECONDS:.0f} s instead of a minute")
    seconds = QUICK_SECONDS if parser.parse_args().quick else WINDOW_SECONDS
    with stage.folder() as folder, ExitStack() as stack:
        valkey = stack.enter_context(Valkey(folder))
        env = stage.as_shipped(folder, redis_url=valkey.url, sms_provider="sandbox", email_provider="sandbox")
        with stage.app(env):
            sign_in.add(EMAIL, role=Role.ADMIN, password=PASSWORD, name="Ada")
        web = stack.enter_context(Web(env))
        workers = [stack.enter_context(Worker(env, name=f"worker-{n}")) for n in range(2)]
        time.sleep(SETTLE_SECONDS)
        cookie = _signed_in(web.url)
        ours = [_measure("Bellhop", valkey, workers, web, web.port, BELLHOP, n, seconds, cookie) for n in VIEWERS]
        with _flower(env, folder) as flower:
            theirs = [_measure("Flower", valkey, workers, flower, flower.port, FLOWER, n, seconds) for n in VIEWERS]
    sys.exit(1 if _show([*ours, *theirs], seconds) else 0)


def _measure(
    name: str,
    valkey: Valkey,
    workers: list[Worker],
    asked: Process,
    port: int,
    paths: tuple[tuple[str, int], ...],
    viewers: int,
    seconds: float,
    cookie: str = "",
) -> Cost:
    """Let so many watch for so long; what that cost."""
    cost = Cost(name, viewers)
    before = _Standing.of(valkey, workers, asked)
    watching = [
        threading.Thread(target=_watch, args=(port, paths, number * EVERY / viewers, seconds, cookie, cost))
        for number in range(viewers)
    ]
    with _Eye(valkey) as eye:
        for viewer in watching:
            viewer.start()
        for viewer in watching:
            viewer.join()
    after = _Standing.of(valkey, workers, asked)
    cost.seconds = after.at - before.at
    cost.commands = after.commands - before.commands
    cost.of_workers = after.of_workers - before.of_workers
    cost.control, cost.replies = eye.control, eye.replies
    cost.viewer_seconds = after.viewer_seconds - before.viewer_seconds
    cost.worker_seconds = after.worker_seconds - before.worker_seconds
    return cost


_counting = threading.Lock()


def _watch(port: int, paths: tuple[tuple[str, int], ...], late: float, seconds: float, cookie: str, cost: Cost) -> None:
    """One page that is open for a while."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    known: dict[str, str] = {}
    begun = time.monotonic()
    for turn in range(int(seconds / EVERY)):
        time.sleep(max(0.0, begun + late + turn * EVERY - time.monotonic()))
        for path, every in paths:
            if turn % every:
                continue
            headers = {"HX-Request": "true"} | ({"Cookie": cookie} if cookie else {})
            if path in known:
                headers["If-None-Match"] = known[path]
            asked = time.monotonic()
            try:
                line.request("GET", path, headers=headers)
                answer = line.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                line.close()
                with _counting:
                    cost.errors += 1
                continue
            known[path] = answer.headers.get("ETag", "")
            with _counting:
                cost.polls += 1
                cost.waits.append(time.monotonic() - asked)
                cost.unchanged += answer.status in (204, 304)
                cost.errors += answer.status not in (200, 204, 304)
    line.close()


class _Eye:
    """Looks on while a window lasts: hears the control messages, and counts the reply lists once a second."""

    def __init__(self, valkey: Valkey) -> None:
        self.control = self.replies = 0
        self._client = redis.Redis.from_url(valkey.url, decode_responses=True)
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look)

    def __enter__(self) -> "_Eye":
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()
        self._client.close()

    def _look(self) -> None:
        with self._client.pubsub(ignore_subscribe_messages=True) as ear:
            ear.psubscribe("*celery.pidbox")
            while not self._over.is_set():
                self.replies = max(
                    self.replies, len(list(self._client.scan_iter("*.reply.celery.pidbox", _type="list")))
                )
                next_look = time.monotonic() + 1
                while (left := next_look - time.monotonic()) > 0:
                    if ear.get_message(timeout=left):
                        self.control += 1


@dataclass(frozen=True)
class _Standing:
    """What has been used up to a moment."""

    at: float
    commands: Counter[str]
    of_workers: int
    viewer_seconds: float
    worker_seconds: float

    @classmethod
    def of(cls, valkey: Valkey, workers: list[Worker], asked: Process) -> "_Standing":
        pids = {child for worker in workers for child in _family(worker)}
        with redis.Redis.from_url(valkey.url, decode_responses=True) as client:
            stats = client.info("commandstats")
            commands = Counter({name.removeprefix("cmdstat_"): int(stat["calls"]) for name, stat in stats.items()})
            ports = _ports(pids)
            ours = [c for c in client.client_list() if int(c["addr"].rpartition(":")[2]) in ports]
        total = sum(int(each.get("tot-cmds", 0)) for each in ours)
        return cls(time.monotonic(), commands, total, _seconds(_family(asked)), _seconds(pids))


def _family(process: Process) -> set[int]:
    head = psutil.Process(process.pid)
    return {head.pid, *(child.pid for child in head.children(recursive=True))}


def _ports(pids: set[int]) -> set[int]:
    """The local ports of these processes' connections: by them Redis' own list tells whose a connection is."""
    found = set()
    for pid in pids:
        with suppress(psutil.Error):
            found |= {line.laddr.port for line in psutil.Process(pid).net_connections("tcp")}
    return found


def _seconds(pids: set[int]) -> float:
    total = 0.0
    for pid in pids:
        with suppress(psutil.Error):
            times = psutil.Process(pid).cpu_times()
            total += times.user + times.system
    return total


def _signed_in(url: str) -> str:
    """The cookie of an admin, as a browser would send it."""
    with requests.Session() as session:
        session.trust_env = False
        page = session.get(f"{url}/login", timeout=30).text
        token = re.search(r'name="csrf-token" content="([^"]+)"', page)
        assert token
        form = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}
        answer = session.post(f"{url}/login", data=form, timeout=30, allow_redirects=False)
        assert answer.status_code == 303, answer.status_code
        return "; ".join(f"{each.name}={each.value}" for each in session.cookies)


class _Flower(Process):
    """Flower beside the same workers, as its page starts it."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "celery", "-A", "celery_worker", "flower", "--address=127.0.0.1",
                   f"--port={self.port}"]  # fmt: skip
        super().__init__(command, env, name="flower", logs=folder)

    def is_ready(self) -> bool:
        """Whether its page of workers answers."""
        try:
            answer = requests.get(f"http://127.0.0.1:{self.port}/workers?json=1", timeout=5, proxies={"http": ""})
        except requests.RequestException:
            return False
        return answer.status_code == 200


@contextmanager
def _flower(env: dict[str, str], folder: Path) -> Iterator[_Flower]:
    with _Flower(env, folder) as flower:
        time.sleep(5)  # Its own first look at the workers is none of the viewers' doing.
        yield flower


def _show(costs: list[Cost], seconds: float) -> bool:
    """Print the tables; whether a poll failed."""
    columns = (
        "watched for",
        "viewers",
        "took",
        "polls",
        "304/204",
        "errors",
        "p50",
        "p95",
        "viewers' CPU",
        "workers' CPU",
    )
    table = Table(f"The polls of {seconds:.0f} s, every {EVERY:.0f} s", columns)
    for cost in costs:
        waits = ms(percentile(cost.waits, 0.5)), ms(percentile(cost.waits, 0.95))
        spent = f"{cost.viewer_seconds:.1f} s", f"{cost.worker_seconds:.1f} s"
        table.add(
            cost.name, cost.viewers, f"{cost.seconds:.0f} s", cost.polls, cost.unchanged, cost.errors, *waits, *spent
        )
    table.show()
    table = Table("What they cost the queue, a minute", ("watched for", "viewers", *FIGURES))
    figures = FIGURES.values()
    for one, many in zip(costs[::2], costs[1::2], strict=True):
        for cost in (one, many):
            table.add(cost.name, cost.viewers, *(f"{figure(cost):.0f}" for figure in figures))
        table.add(f"{one.name}, the difference", "", *(f"{figure(many) - figure(one):+.0f}" for figure in figures))
    table.show()
    one = costs[0]
    period = sample.SECONDS
    worth = {name: figure(one) * period / 60 for name, figure in FIGURES.items()}
    print(f"\nOne sampler period is {period:.0f} s; of one viewer's minute it is worth "
          + ", ".join(f"{amount:.1f} {name}" for name, amount in worth.items()) + ".")  # fmt: skip
    print(
        "A period that rediscovers the workers asks four questions in place of two; a minute holds two or three such."
    )
    return any(cost.errors for cost in costs)


FIGURES: dict[str, Callable[[Cost], float]] = {
    "control messages": lambda cost: cost.control * 60 / cost.seconds,
    "reply lists at once": lambda cost: cost.replies,
    "workers' commands": lambda cost: cost.of_workers * 60 / cost.seconds,
    "all commands": lambda cost: sum(cost.commands.values()) * 60 / cost.seconds,
}


if __name__ == "__main__":
    main()
