"""How many messages a second do real workers hand over, beside a loop that only calls the same client?

Budget: at least 80 % of the bare loop, up to 150/s; on PostgreSQL with two workers and a provider that takes 50 ms,
at least 200/s. The loop has as many threads as the workers let one channel have.
"""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from tests.bench import rows, stage
from tests.bench.programs import provider
from tests.bench.timing import Table, ratio
from tests.support.processes import ROOT
from tests.support.servers import Postgres, Valkey, Worker
from webapp.database import reading
from webapp.extensions import db
from webapp.models import OPEN, Attempt, Message, MessageStatus
from webapp.services.delivery.worker_slots import InHand
from webapp.services.messages import bell

MESSAGES = 300
WARM_UP = 48  # More than there are slots: each has its connections before the clock starts.
PATIENCE = 10  # Seconds for a run; what is not handed over by then is not counted.
LEAST_SHARE, ENOUGH = 0.8, 150.0
POSTGRES_ENOUGH = 200.0
DELAYS = {"0 ms": provider.QUICK, f"{provider.DELAY * 1000:.0f} ms": provider.SLOW}


@dataclass(frozen=True)
class Rate:
    """Messages and the seconds that they took."""

    messages: int
    seconds: float

    @property
    def per_second(self) -> float:
        return self.messages / self.seconds if self.seconds else 0.0


def main() -> None:
    """SQLite with one worker, PostgreSQL with two."""
    stage.end_when_told()
    table = Table(
        f"Handing over {MESSAGES} messages, one SMS to each guest, 16 threads a worker",
        ("database, workers", "provider", "handed over", "Bellhop", "bare loop", "share", "budget", "failed"),
    )
    with stage.folder() as folder, stage.Provider(folder) as far:
        _measure(table, "SQLite, 1", folder / "sqlite", far, workers=1, database="")
        with Postgres(fsync=True) as server:
            url = server.create_database("bench")
            _measure(table, "PostgreSQL, 2", folder / "postgres", far, workers=2, database=url)
    table.show()
    sys.exit(1 if any(row[-1] != "0" for row in table.rows) else 0)


def _measure(table: Table, name: str, folder: Path, far: stage.Provider, *, workers: int, database: str) -> None:
    folder.mkdir()
    with ExitStack() as stack:
        valkey = stack.enter_context(Valkey(folder))
        env = stage.as_shipped(folder, redis_url=valkey.url, database_url=database, **far.settings)
        stack.enter_context(stage.app(env))
        for number in range(workers):
            stack.enter_context(Worker(env, name=f"worker-{number}"))
        for delay, phones in DELAYS.items():
            _hand_over(WARM_UP, phones)
            ours, failed = _hand_over(MESSAGES, phones)
            bare = _bare(env, phones, loops=workers)
            share = ratio(ours.per_second, bare.per_second)
            budget = _budget(bare.per_second, database, delay)
            rates = (f"{ours.per_second:.0f}/s", f"{bare.per_second:.0f}/s")
            table.add(name, delay, f"{ours.messages} of {MESSAGES}", *rates, share, f"≥ {budget:.0f}/s", failed)


def _budget(bare: float, database: str, delay: str) -> float:
    least = min(LEAST_SHARE * bare, ENOUGH)
    return POSTGRES_ENOUGH if database and DELAYS[delay] == provider.SLOW else least


def _hand_over(count: int, phones: str) -> tuple[Rate, int]:
    """Make messages, ring for them as many acts at once would, and wait: from the first claim to the last settle."""
    guests = rows.due_messages(count, phones=phones)
    bell.ring(*guests)
    ours = Message.guest_id.in_(guests)
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and _count(ours, Message.status.in_(OPEN)):
        time.sleep(0.1)
    times = select(func.count(), func.min(Attempt.started_at), func.max(Attempt.ended_at)).join(Message)
    with reading():
        messages, first, last = db.session.execute(times.where(ours, Attempt.ended_at.is_not(None))).one()
    failed = _count(ours, Message.status.not_in((*OPEN, MessageStatus.SENT)))
    return Rate(messages, (last - first).total_seconds() if messages else 0.0), failed


def _count(*wanted: object) -> int:
    with reading():
        return db.session.scalar(select(func.count()).select_from(Message).where(*wanted)) or 0


def _bare(env: Mapping[str, str], phones: str, *, loops: int) -> Rate:
    """The same client in as many processes as there are workers, with as many threads as one channel has there."""
    threads = InHand(slots=int(env["WORKER_CONCURRENCY"])).most_per_channel
    command = [sys.executable, "-m", "tests.bench.programs.bare_loop", str(MESSAGES // loops), str(threads), phones]
    running = [
        subprocess.Popen(command, env=dict(env), cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(loops)
    ]
    try:
        said = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    finally:
        for process in running:
            process.kill()
    seconds = max(loop["ended"] for loop in said) - min(loop["began"] for loop in said)
    return Rate(sum(loop["sent"] for loop in said), seconds)


if __name__ == "__main__":
    main()
