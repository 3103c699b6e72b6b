"""Checks of the queue: Redis, the clocks, the workers and what they keep up with."""

from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from webapp import duties
from webapp.database import later, read_now, reading
from webapp.doctor.base import Check, fail, ok, unknown, warn
from webapp.extensions import db
from webapp.models import ALIVE_SECONDS, DutyLease, WorkerRow
from webapp.monitor import channels
from webapp.monitor.format import span
from webapp.monitor.queue import queue_view
from webapp.monitor.redis import broker
from webapp.monitor.redis.broker import Down
from webapp.monitor.view import BrokerFigures
from webapp.settings import current

SKEW = 2.0  # Seconds
LONG_WAIT = 300.0
FULL_SHARE = 0.8
LATE = 60.0  # A duty that was not done for so long, beyond its own pause.
_START = "Start one: python celery_worker.py."
_REDIS = 'Check that it runs, REDIS_URL, and the network between: redis-cli -u "$REDIS_URL" ping.'
_NO_INFO = "Unknown: INFO is not allowed to the user of REDIS_URL."
_ALLOW = "Allow it with +info in that user's ACL, or look it up where the service is configured."


def redis() -> Check:
    """Whether it answers and takes bells. Without it nothing is lost: what is due goes out when it is back."""
    view = queue_view()
    if view.broker is None or not view.broker_up:
        return fail("redis", view.broker_problem or "It does not answer.", _REDIS)
    answers = f"{view.broker.version} answers in {view.broker.latency_ms:.1f} ms"
    if not current().broker.is_checked:
        return warn("redis", f"{answers}, but its certificate is not checked: whoever answers in its place gets the "
                    "password.", "Take ssl_cert_reqs=none out of REDIS_URL, and name its authority: "
                    "?ssl_ca_certs=/path/ca.pem.")  # fmt: skip
    return ok("redis", f"{answers}.")


def persistence() -> Check:
    """Whether its lists outlive a restart. Bells that are lost are rung again, so this costs delay alone."""
    figures = _figures()
    if figures is None:
        return unknown("persistence", "Redis does not answer.", _REDIS)
    if figures.keeps is None:
        return unknown("persistence", *_unsaid(figures))
    if not figures.keeps:
        return warn("persistence", "Its append-only file is off: a restart loses the bells, which are rung again.",
                    "Set appendonly yes in redis.conf.")  # fmt: skip
    return ok("persistence", "Its append-only file is on.")


def eviction() -> Check:
    """Whether it would rather refuse than forget."""
    figures = _figures()
    if figures is None:
        return unknown("eviction", "Redis does not answer.", _REDIS)
    if not figures.eviction:
        return unknown("eviction", *_unsaid(figures))
    if figures.eviction != "noeviction":
        return fail("eviction", f"maxmemory-policy is {figures.eviction}: when full, it may drop bells.",
                    "Set maxmemory-policy noeviction.")  # fmt: skip
    return ok("eviction", "maxmemory-policy is noeviction.")


def memory() -> Check:
    """Whether Redis is near its limit."""
    figures = _figures()
    if figures is None:
        return unknown("redis memory", "Redis does not answer.", _REDIS)
    if figures.memory_used is None:
        return unknown("redis memory", _NO_INFO, _ALLOW)
    used = f"{figures.memory_used / 2**20:.1f} MiB"
    if not figures.memory_limit:
        return ok("redis memory", f"{used} used; no limit is set.")
    share = figures.memory_used / figures.memory_limit
    shown = f"{used} used, {share:.0%} of its limit."
    if share > FULL_SHARE:
        return warn("redis memory", shown, "Raise maxmemory, or see what else lives in this Redis.")
    return ok("redis memory", shown)


def clocks() -> Check:
    """Whether database, Redis and this machine agree on the time."""
    with reading():
        there = read_now()
    here = datetime.now(UTC)
    apart = {"the database": abs((here - there).total_seconds())}
    try:
        seconds, micros = broker.of_app().ask(lambda client: client.time())
        apart["Redis"] = abs((datetime.now(UTC) - datetime.fromtimestamp(seconds + micros / 1e6, UTC)).total_seconds())
    except Down:
        pass
    shown = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in apart.items())
    if max(apart.values()) > SKEW:
        return warn("clocks", f"Away from this machine's clock: {shown}.", "Let the machines keep time by NTP.")
    return ok("clocks", f"Away from this machine's clock: {shown}.")


def workers() -> Check:
    """Whether somebody takes messages off the queue."""
    alive = [worker for worker in queue_view().workers if worker.alive]
    if not alive:
        return fail("workers", "Nothing is taking messages off the queue: no worker is alive.", _START)
    slots = sum(worker.concurrency for worker in alive)
    return ok("workers", f"{len(alive)} alive with {slots} slots: {', '.join(worker.name for worker in alive)}.")


def versions() -> Check:
    """Whether the workers run the code that the web runs."""
    ours = current_app.config["VERSION"]
    alive = (WorkerRow.stopped_at.is_(None), WorkerRow.seen_at > later(-ALIVE_SECONDS))
    with reading():
        rows = db.session.execute(select(WorkerRow.name, WorkerRow.version).where(*alive)).all()
    if not rows:
        return unknown("versions", "No worker is alive.", _START)
    if others := [f"{name} runs {version or 'an unknown version'}" for name, version in rows if version != ours]:
        return warn("versions", f"This is {ours}, but {', '.join(others)}.", "Restart the workers after a deployment.")
    return ok("versions", f"All run {ours}.")


def consumer() -> Check:
    """Whether the workers listen to our queue: one that was started for another never takes a bell."""
    view = queue_view()
    if not view.is_served:
        return fail("consumer", "There is no worker.", _START)
    if view.registered is None:
        return unknown("consumer", "No worker has answered inspect yet; a solo worker cannot while it is busy.",
                       "Ask again in half a minute.")  # fmt: skip
    if "tasks.deliver" not in view.registered:
        return fail("consumer", "No worker knows the task tasks.deliver.", "Start the workers from this folder: "
                    "python celery_worker.py.")  # fmt: skip
    if view.bells and view.oldest_waiting_seconds and view.oldest_waiting_seconds > LONG_WAIT:
        return fail("consumer", f"{view.bells} bells wait, the oldest message for {span(view.oldest_waiting_seconds)}.",
                    "See that a worker listens to the queue notifications, and what its log says.")  # fmt: skip
    return ok("consumer", f"{view.bells if view.bells is not None else 'Unknown'} bells wait in notifications.")


def backlog() -> Check:
    """Whether messages go out in time."""
    view = queue_view()
    oldest = view.oldest_waiting_seconds
    if oldest and oldest > LONG_WAIT:
        return warn("backlog", f"{view.queued} messages wait, the oldest for {span(oldest)}.",
                    "See the channels and the workers; a paused channel holds its messages.")  # fmt: skip
    return ok("backlog", f"{view.queued} messages wait, the oldest for {span(oldest)}." if oldest else "Nothing waits.")


def open_channels() -> Check:
    """Whether a channel is held back, and why."""
    closed = [channel for channel in channels.read() if channel.is_paused]
    if closed:
        told = " ".join(f"{channel.name}: {channel.word.label}. {channel.why}".strip() for channel in closed)
        return warn("channels", told, "Mend the cause, then resume the channel on the queue page.")
    return ok("channels", "All are open.")


def housekeeping() -> Check:
    """Whether each duty was done lately, by whichever worker; the web's own too, once a web process has begun it."""
    with reading():
        moment = read_now()
        rows = {row.name: (row.done_at, row.error) for row in db.session.scalars(select(DutyLease))}
        alive = WorkerRow.stopped_at.is_(None), WorkerRow.seen_at > later(-ALIVE_SECONDS)
        start = db.session.scalar(select(func.min(WorkerRow.started_at)).where(*alive))
    late = []
    # With no web process there is nobody for the web's, and nobody who would look at pages either.
    for duty in (*duties.ALL, *(duty for duty in duties.OF_WEB if rows.get(duty.name, (None, ""))[0])):
        done_at, error = rows.get(duty.name, (None, ""))
        patience = timedelta(seconds=LATE + (current().sweep_seconds if duty.every is None else duty.every))
        if error:
            late.append(f"{duty.name} failed: {error}")
        elif start and moment - start <= patience:
            continue  # The workers have only just come.
        elif done_at is None:
            late.append(f"{duty.name} was never done")
        elif moment - done_at > patience:
            late.append(f"{duty.name} was done {span((moment - done_at).total_seconds())} ago")
    if late:
        return fail("duties", "; ".join(late) + ".", "Workers do them, and the web watch_workers: see that "
                    "they are alive, and their logs.")  # fmt: skip
    return ok("duties", f"All {len(duties.ALL)} were done in the last minute or in their time.")


def _unsaid(figures: BrokerFigures) -> tuple[str, str]:
    if figures.memory_used is None:
        return _NO_INFO, _ALLOW
    return "Redis does not say.", "Look it up where the service is configured."


def _figures() -> BrokerFigures | None:
    view = queue_view()
    return view.broker if view.broker_up else None


CHECKS = (redis, persistence, eviction, memory, clocks, workers, versions, consumer, backlog, open_channels,
          housekeeping)  # fmt: skip
