"""Checks of the environment: settings, installed packages, database, disk, demo rows."""

import platform
import re
import shutil
import sys
from importlib import metadata
from ipaddress import ip_address

from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from webapp import clock, startup
from webapp.database import reading, waits, writing
from webapp.doctor.base import Check, fail, ok, warn
from webapp.extensions import db
from webapp.i18n import gettext as _
from webapp.models import Booking, ChannelName, User
from webapp.services.restores import guard, marks, wording
from webapp.settings import ROOT, current

CELERY = "5.6.3"  # Workers of 5.7.0 exit when Redis restarts while a message is in hand.
PIN = re.compile(r'^([\w-]+)==([\w.]+)(?:; sys_platform (==|!=) "(\w+)")?$', re.MULTILINE)
SLOW_WRITE = 1.0  # Seconds
LITTLE_SPACE, TOO_LITTLE_SPACE = 2**30, 200 * 2**20  # Bytes


def settings() -> Check:
    """Web and worker would start with these settings."""
    if problems := current().problems():
        return fail(
            "settings", " ".join(problems), _("Set them in .env or in the environment; .env.example lists all.")
        )
    providers = ", ".join(f"{channel} by {current().provider(channel)}" for channel in ChannelName)
    return ok("settings", _("All settings are valid: %(providers)s.", providers=providers))


def parts() -> Check:
    """The installed packages are the tested ones, above all a Celery that survives a restart of Redis."""
    celery, others = metadata.version("celery"), _other_versions()
    where = f"Bellhop {current_app.config['VERSION']}, Python {platform.python_version()}, {sys.executable}"
    install = _("Install the pinned packages: pip install -r requirements.txt.")
    if celery != CELERY:
        return fail("parts", _("Celery is %(version)s (%(where)s).", version=celery, where=where), install)
    if others:
        names = ", ".join(others)
        return warn("parts", _("Not as pinned: %(packages)s (%(where)s).", packages=names, where=where), install)
    return ok(
        "parts", _("Celery %(version)s and all other packages are as pinned (%(where)s).", version=celery, where=where)
    )


def _other_versions() -> list[str]:
    """Returns the pinned packages that are missing or have another version."""
    pins = ROOT / "requirements.txt"
    found = []
    for name, pinned, same, system in PIN.findall(pins.read_text() if pins.is_file() else ""):
        if system and (sys.platform == system) != (same == "=="):
            continue
        try:
            installed = metadata.version(name)
        except metadata.PackageNotFoundError:
            installed = "missing"
        if installed != pinned:
            found.append(f"{name} {installed} ({pinned})")
    return found


def migrations() -> Check:
    """The database answers, and has the tables that this code expects."""
    try:
        found, wanted = startup.database_revision(), startup.newest_migration()
    except DBAPIError as error:
        return fail("migrations", startup.why_database(error), _("Until then most checks below know nothing."))
    if found != wanted:
        here = _(
            "The database is at revision %(found)s, but the code expects %(wanted)s.", found=found or "–", wanted=wanted
        )
        return fail("migrations", here, _("Run flask --app wsgi db upgrade."))
    return ok(
        "migrations", _("Revision %(revision)s of %(database)s.", revision=found, database=db.engine.dialect.name)
    )


def database() -> Check:
    """A row can be written in good time. Nothing is left behind."""
    begun = clock.monotonic()
    with writing():
        db.session.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS doctor_was_here (id INTEGER)"))
        db.session.execute(text("INSERT INTO doctor_was_here (id) VALUES (1)"))
        db.session.execute(text("DROP TABLE doctor_was_here"))
        is_pooled = waits.is_pooled(db.session.connection())
    took = clock.monotonic() - begun
    evidence = _("A write took %(ms)s ms.", ms=round(took * 1000))
    if is_pooled:
        evidence = _("A write took %(ms)s ms, through a pooler such as PgBouncer.", ms=round(took * 1000))
    if took > SLOW_WRITE:
        return warn("database", evidence, _("Find out what else writes to this database or its disk."))
    return ok("database", evidence)


def age() -> Check:
    """The database is not older than what was sent from it, by the marks beside it."""
    row = guard.state()
    if row is None:
        return ok("database age", _("No web process and no worker has used this database yet."))
    beside, row = marks.read(row.name), guard.state() or row  # The row is read last, since it only grows.
    if row.is_held:
        nothing = _("Nothing is sent.")
        evidence = f"{wording.found(row)} {nothing}"
        return fail("database age", evidence, _("Look at /queue/restored, then resume sending there."))
    if lost := guard.lost_by(row, beside.all):
        there, here = wording.moment(lost.at), wording.moment(row.grown_at)
        evidence = _("It was in use until %(here)s, but messages went out until %(there)s.", here=here, there=there)
        return fail("database age", f"{wording.TITLE} {evidence}",
                    _("Start the web: it holds everything back. Then look at /queue/restored."))  # fmt: skip
    if beside.in_file is None:
        evidence = _("%(file)s is missing or cannot be read.", file=marks.path())
        return warn("database age", f"{evidence} {beside.file_problem}".strip(),
                    _("Let the user of web and workers write to DATA_DIR. That file shows, even without Redis, that an "
                      "older database was put back."))  # fmt: skip
    places = f"{marks.path()}, Redis" if beside.in_redis else marks.path()
    return ok("database age", _("The database is as new as the marks beside it (%(places)s).", places=places))


def disk() -> Check:
    """The data folder has room."""
    left = shutil.disk_usage(current().data_dir if current().data_dir.is_dir() else ".").free
    shown = _("%(free)s GiB free on the data disk.", free=f"{left / 2**30:.1f}")
    if left < TOO_LITTLE_SPACE:
        return fail("disk", shown, _("Make room at once: a full disk stops bookings and messages."))
    if left < LITTLE_SPACE:
        return warn("disk", shown, _("Make room soon."))
    return ok("disk", shown)


def demo() -> Check:
    """A live system has no demo rows."""
    with reading():
        staff = db.session.scalars(select(func.count()).select_from(User).where(User.is_demo)).one()
        bookings = db.session.scalars(select(func.count()).select_from(Booking).where(Booking.is_demo)).one()
    if not staff and not bookings:
        return ok("demo rows", _("There are no demo rows."))
    found = _("%(staff)s demo staff and %(bookings)s demo bookings.", staff=staff, bookings=bookings)
    if startup.is_live(current()):
        but = _("But real providers are set.")
        return fail("demo rows", f"{found} {but}", _("Run flask --app wsgi clear-demo."))
    return ok("demo rows", found)


def proxy() -> Check:
    """A proxy stands in front of the web; without it a few slow callers would hold all threads of gunicorn."""
    host, hops = current().host, current().trusted_proxies
    if host == "localhost" or _is_loopback(host):
        return ok("proxy", _("The web listens on %(host)s only, so only this machine reaches it.", host=host))
    if hops:
        return ok("proxy", _("The web listens on %(host)s, behind a proxy (TRUSTED_PROXIES is %(hops)s).",
                             host=host, hops=hops))  # fmt: skip
    evidence = _("The web listens on %(host)s without a proxy (TRUSTED_PROXIES is 0): sixteen slow callers would hold "
                 "all its threads.", host=host)  # fmt: skip
    return warn("proxy", evidence, _("Put a proxy in front of it (deploy/nginx/bellhop.conf), and set HOST=127.0.0.1 "
                                     "and TRUSTED_PROXIES=1."))  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


CHECKS = (settings, parts, migrations, database, age, disk, demo, proxy)
