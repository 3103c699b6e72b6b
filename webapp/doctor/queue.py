"""Checks of the queue: Redis, the clocks, the workers and their backlog."""

from datetime import UTC, datetime, timedelta

from flask import current_app
from sqlalchemy import func, select

from webapp import duties
from webapp.database import later, read_now, reading
from webapp.doctor.base import Check, fail, ok, unknown, warn
from webapp.extensions import db
from webapp.i18n import gettext as _
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
LATE = 60.0  # Seconds that a duty may be late.
_ALIVE = WorkerRow.stopped_at.is_(None), WorkerRow.seen_at > later(-ALIVE_SECONDS)


def redis() -> Check:
    """Redis answers and accepts work. While it does not, nothing is lost: due messages go out when it is back."""
    view = queue_view()
    if view.broker is None or not view.broker_up:
        return fail("redis", _(view.broker_problem) or _("Redis does not answer."), _look_at_redis())
    answers = _("%(server)s answers in %(ms)s ms", server=view.broker.version, ms=f"{view.broker.latency_ms:.1f}")
    if not current().broker.is_checked:
        evidence = _("%(answer)s, but its certificate is not checked: another server could get the password.",
                     answer=answers)  # fmt: skip
        return warn("redis", evidence, _("Remove ssl_cert_reqs=none from REDIS_URL, and name the authority: "
                      "?ssl_ca_certs=/path/ca.pem."))  # fmt: skip
    return ok("redis", f"{answers}.")


def persistence() -> Check:
    """Redis keeps its lists over a restart. Otherwise the workers are woken again, which costs some seconds."""
    figures = _figures()
    if figures is None or figures.keeps is None:
        return _not_known("persistence", figures)
    if figures.keeps:
        return ok("persistence", _("The append-only file is on."))
    return warn("persistence", _("The append-only file is off: after a restart the queue is filled again, later."),
                _("Set appendonly yes in redis.conf."))  # fmt: skip


def eviction() -> Check:
    """A full Redis refuses new work and drops nothing."""
    figures = _figures()
    if figures is None or not figures.eviction:
        return _not_known("eviction", figures)
    if figures.eviction == "noeviction":
        return ok("eviction", _("maxmemory-policy is noeviction."))
    evidence = _("maxmemory-policy is %(policy)s: a full Redis may drop queued work.", policy=figures.eviction)
    return fail("eviction", evidence, _("Set maxmemory-policy noeviction."))


def memory() -> Check:
    """Redis is not near its memory limit."""
    figures = _figures()
    if figures is None or figures.memory_used is None:
        return _not_known("redis memory", figures)
    used = f"{figures.memory_used / 2**20:.1f} MiB"
    if not figures.memory_limit:
        return ok("redis memory", _("%(used)s used; no limit is set.", used=used))
    share = figures.memory_used / figures.memory_limit
    shown = _("%(used)s used, %(share)s of the limit.", used=used, share=f"{share:.0%}")
    if share > FULL_SHARE:
        return warn("redis memory", shown, _("Raise maxmemory, or find out what else uses this Redis."))
    return ok("redis memory", shown)


def clocks() -> Check:
    """The database, Redis and this machine agree on the time."""
    with reading():
        there = read_now()
    apart = {_("the database"): abs((datetime.now(UTC) - there).total_seconds())}
    try:
        seconds, micros = broker.of_app().ask(lambda client: client.time())
        apart["Redis"] = abs((datetime.now(UTC) - datetime.fromtimestamp(seconds + micros / 1e6, UTC)).total_seconds())
    except Down:
        pass
    differences = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in apart.items())
    shown = _("Difference from this machine's clock: %(differences)s.", differences=differences)
    if max(apart.values()) > SKEW:
        return warn("clocks", shown, _("Let all machines keep time by NTP."))
    return ok("clocks", shown)


def workers() -> Check:
    """A worker takes messages off the queue."""
    alive = [worker for worker in queue_view().workers if worker.alive]
    if not alive:
        return fail("workers", _("Nothing is taking messages off the queue: no worker is running."), _start())
    names, slots = ", ".join(worker.name for worker in alive), sum(worker.concurrency for worker in alive)
    return ok("workers", _("%(count)s running with %(slots)s slots: %(names)s.",
                           count=len(alive), slots=slots, names=names))  # fmt: skip


def versions() -> Check:
    """The workers run the same version as the web."""
    ours = current_app.config["VERSION"]
    with reading():
        rows = db.session.execute(select(WorkerRow.name, WorkerRow.version).where(*_ALIVE)).all()
    if not rows:
        return unknown("versions", _("No worker is running."), _start())
    if others := ", ".join(f"{name} {version or '?'}" for name, version in rows if version != ours):
        return warn("versions", _("The web runs %(ours)s, but some workers run %(others)s.", ours=ours, others=others),
                    _("Restart the workers after an update."))  # fmt: skip
    return ok("versions", _("All run %(version)s.", version=ours))


def consumer() -> Check:
    """The workers listen to our queue; a worker that was started for another one never takes work from it."""
    view = queue_view()
    if not view.is_served:
        return fail("consumer", _("No worker is running."), _start())
    if view.registered is None:
        return unknown("consumer", _("No worker has answered yet; a solo worker cannot while it is busy."),
                       _("Ask again in half a minute."))  # fmt: skip
    if "tasks.deliver" not in view.registered:
        return fail("consumer", _("No worker knows the task tasks.deliver."),
                    _("Start the workers from this folder: python celery_worker.py."))  # fmt: skip
    waiting = _("%(count)s tasks wait in the queue notifications.", count="?" if view.bells is None else view.bells)
    if view.bells and view.oldest_waiting_seconds and view.oldest_waiting_seconds > LONG_WAIT:
        oldest = _("The oldest message waits for %(time)s.", time=span(view.oldest_waiting_seconds))
        return fail("consumer", f"{waiting} {oldest}",
                    _("Check that a worker listens to the queue notifications, and read its log."))  # fmt: skip
    return ok("consumer", waiting)


def backlog() -> Check:
    """Messages go out in time."""
    view = queue_view()
    oldest = view.oldest_waiting_seconds
    if not oldest:
        return ok("backlog", _("No message waits."))
    shown = _("%(count)s messages wait, the oldest for %(time)s.", count=view.queued, time=span(oldest))
    if oldest > LONG_WAIT:
        return warn("backlog", shown, _("Check the channels and the workers; a paused channel holds its messages."))
    return ok("backlog", shown)


def open_channels() -> Check:
    """No channel is paused."""
    paused = [channel for channel in channels.read() if channel.is_paused]
    if not paused:
        return ok("channels", _("All channels are open."))
    shown = " ".join(f"{channel.name}: {channel.word.label}. {channel.why}".strip() for channel in paused)
    return warn("channels", shown, _("Fix the cause, then resume the channel on the queue page."))


def housekeeping() -> Check:
    """Each background job was done lately by some worker; the web's job too, once a web process has begun it."""
    with reading():
        moment = read_now()
        rows = {row.name: (row.done_at, row.error) for row in db.session.scalars(select(DutyLease))}
        start = db.session.scalar(select(func.min(WorkerRow.started_at)).where(*_ALIVE))
    late = []
    # Without a web process nobody does the web's job, and nobody looks at a page either.
    for duty in (*duties.ALL, *(duty for duty in duties.OF_WEB if rows.get(duty.name, (None, ""))[0])):
        done_at, error = rows.get(duty.name, (None, ""))
        patience = timedelta(seconds=LATE + (current().sweep_seconds if duty.every is None else duty.every))
        if error:
            late.append(_("%(job)s failed: %(error)s", job=duty.name, error=error))
        elif start and moment - start <= patience:
            continue  # The workers have just started.
        elif done_at is None:
            late.append(_("%(job)s was never done", job=duty.name))
        elif moment - done_at > patience:
            ago = span((moment - done_at).total_seconds())
            late.append(_("%(job)s was last done %(time)s ago", job=duty.name, time=ago))
    if late:
        return fail("duties", "; ".join(late) + ".",
                    _("Workers do the background jobs, and the web does watch_workers: check that they run, and read "
                      "their logs."))  # fmt: skip
    return ok("duties", _("All %(count)s background jobs were done in time.", count=len(duties.ALL)))


def _start() -> str:
    return _("Start one: python celery_worker.py.")


def _look_at_redis() -> str:
    return _('Check that it runs, REDIS_URL, and the network between: redis-cli -u "$REDIS_URL" ping.')


def _not_known(name: str, figures: BrokerFigures | None) -> Check:
    if figures is None:
        return unknown(name, _("Redis does not answer."), _look_at_redis())
    if figures.memory_used is None:
        return unknown(name, _("Unknown: INFO is not allowed to the user of REDIS_URL."),
                       _("Allow it with +info in that user's ACL, or look where it is configured."))  # fmt: skip
    return unknown(name, _("Redis does not say."), _("Look where the service is configured."))


def _figures() -> BrokerFigures | None:
    view = queue_view()
    return view.broker if view.broker_up else None


CHECKS = (redis, persistence, eviction, memory, clocks, workers, versions, consumer, backlog, open_channels,
          housekeeping)  # fmt: skip
