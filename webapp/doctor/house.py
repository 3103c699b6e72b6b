"""Checks of the house itself: settings, parts, database, disk, demo rows."""

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
from webapp.models import Booking, ChannelName, User
from webapp.services.restores import guard, marks, wording
from webapp.settings import ROOT, current

CELERY = "5.6.3"  # Workers of 5.7.0 exit when Redis restarts while a message is in hand.
PIN = re.compile(r'^([\w-]+)==([\w.]+)(?:; sys_platform (==|!=) "(\w+)")?$', re.MULTILINE)
SLOW_WRITE = 1.0  # Seconds
LITTLE_SPACE, TOO_LITTLE_SPACE = 2**30, 200 * 2**20  # Bytes


def settings() -> Check:
    """Whether web and worker would start with these."""
    if problems := current().problems():
        return fail("settings", " ".join(problems), "Set them in .env or in the environment; .env.example lists all.")
    providers = ", ".join(f"{channel} by {current().provider(channel)}" for channel in ChannelName)
    return ok("settings", f"All can be read: {providers}.")


def parts() -> Check:
    """What is installed is what was tested together; above all the Celery that survives a restart of Redis."""
    celery, others = metadata.version("celery"), _other_versions()
    where = f"Bellhop {current_app.config['VERSION']}, Python {platform.python_version()} at {sys.executable}"
    if celery != CELERY:
        return fail("parts", f"Celery is {celery}; {where}.", f"Install the pinned parts: pip install -r "
                    f"requirements.txt (celery {CELERY}).")  # fmt: skip
    if others:
        return warn("parts", f"Other than pinned: {', '.join(others)}; {where}.",
                    "Install the pinned parts: pip install -r requirements.txt.")  # fmt: skip
    return ok("parts", f"Celery {celery}, redis-py {metadata.version('redis')}, and all others as pinned; {where}.")


def _other_versions() -> list[str]:
    """The pinned parts of this system that are missing, or of another version."""
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
    """Whether the database answers, and its tables are those that this code expects."""
    try:
        found, wanted = startup.database_revision(), startup.newest_migration()
    except DBAPIError as failure:
        return fail("migrations", startup.why_database(failure), "Until then most checks below know nothing.")
    if found != wanted:
        here = f"The database is at revision {found}" if found else "The database has no tables yet"
        return fail("migrations", f"{here}; the code expects {wanted}.", "Run flask --app wsgi db upgrade.")
    return ok("migrations", f"Revision {found} of {db.engine.dialect.name}.")


def database() -> Check:
    """Whether a row can be written, and how long that takes. Nothing is left behind."""
    begun = clock.monotonic()
    with writing():
        db.session.execute(text("CREATE TEMPORARY TABLE IF NOT EXISTS doctor_was_here (id INTEGER)"))
        db.session.execute(text("INSERT INTO doctor_was_here (id) VALUES (1)"))
        db.session.execute(text("DROP TABLE doctor_was_here"))
        way = ", through a pooler such as PgBouncer" if waits.is_pooled(db.session.connection()) else ""
    took = clock.monotonic() - begun
    if took > SLOW_WRITE:
        return warn(
            "database", f"A write took {took:.1f} s{way}.", "See what else writes to this database or its disk."
        )
    return ok("database", f"A write took {took * 1000:.0f} ms{way}.")


def age() -> Check:
    """Whether the database is as new as what was sent from it; by what stands beside it."""
    row = guard.state()
    if row is None:
        return ok("database age", "No web process and no worker has worked with this database yet.")
    beside, row = marks.read(row.name), guard.state() or row  # In this order: the row only grows.
    if row.is_held:
        return fail("database age", f"{wording.found(row)} Nothing is sent.", "Look at /queue/restored, then go on.")
    if lost := guard.lost_by(row, beside.all):
        there, here = wording.moment(lost.at), wording.moment(row.grown_at)
        return fail("database age", f"{wording.TITLE} It was in use until {here}, and messages went out until {there}.",
                    "Start the web: it holds everything back. Then look at /queue/restored.")  # fmt: skip
    if beside.in_file is None:
        return warn("database age", f"{marks.path()} is missing or cannot be read. {beside.file_problem}".strip(),
                    "Let the user of web and workers write to DATA_DIR: with that file a database that was put back is "
                    "noticed without Redis too.")  # fmt: skip
    places = f"{marks.path()} and Redis" if beside.in_redis else f"{marks.path()}; Redis shows none now"
    return ok("database age", f"It is as new as the marks beside it, in {places}.")


def disk() -> Check:
    """Whether the data folder has room."""
    left = shutil.disk_usage(current().data_dir if current().data_dir.is_dir() else ".").free
    shown = f"{left / 2**30:.1f} GiB are free where the data lies."
    if left < TOO_LITTLE_SPACE:
        return fail("disk", shown, "Make room at once: a database that cannot grow takes no booking and no outcome.")
    if left < LITTLE_SPACE:
        return warn("disk", shown, "Make room soon.")
    return ok("disk", shown)


def demo() -> Check:
    """Demo rows have no place in a live system."""
    with reading():
        staff = db.session.scalars(select(func.count()).select_from(User).where(User.is_demo)).one()
        bookings = db.session.scalars(select(func.count()).select_from(Booking).where(Booking.is_demo)).one()
    found = f"{staff} demo staff and {bookings} demo bookings."
    if (staff or bookings) and startup.is_live(current()):
        return fail("demo rows", f"Real providers are set, and there are {found}", "Run flask --app wsgi clear-demo.")
    return ok("demo rows", found if staff or bookings else "There are none.")


def proxy() -> Check:
    """Whether a proxy stands between the web and callers: a few slow ones would hold all threads of gunicorn."""
    host, hops = current().host, current().trusted_proxies
    if host == "localhost" or _is_loopback(host):
        return ok("proxy", f"The web listens on {host} only: nobody reaches it but what runs on this machine.")
    if hops:
        return ok("proxy", f"The web listens on {host}, behind a proxy (TRUSTED_PROXIES is {hops}).")
    return warn("proxy", f"The web listens on {host}, and by TRUSTED_PROXIES no proxy is before it: sixteen slow "
                "callers would hold all its threads.", "Put a proxy before it (deploy/nginx/bellhop.conf), and set "
                "HOST=127.0.0.1 and TRUSTED_PROXIES=1.")  # fmt: skip


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


CHECKS = (settings, parts, migrations, database, age, disk, demo, proxy)
