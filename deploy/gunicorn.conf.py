"""Gunicorn's settings: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`.

Any of them can be overruled on the command line, such as `--workers 4`. New code needs a restart, not a
HUP: this file imports the settings, so the code stays loaded in the main process.
"""

import sys
from pathlib import Path
from typing import Any

import structlog

# Gunicorn reads this file before it puts the project on the path.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from webapp.database import admission
from webapp.errors import NotReady
from webapp.logs import Lines
from webapp.settings import Settings, load, stdout_is_journal


def _settings() -> Settings:
    """Read the settings; with wrong ones the main process ends here, before its children could fail over and over."""
    try:
        settings = load()
    except NotReady as reason:
        sys.exit(reason.sentence)
    if problems := settings.problems():
        sys.exit("\n".join(problems))
    return settings


def _json_logging(level: str) -> dict[str, Any]:
    """Gunicorn's own lines as JSON on stdout, like the application's."""
    shape = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    finish = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
    Lines.to_journal = stdout_is_journal()
    formatter = {"()": Lines, "foreign_pre_chain": shape, "processors": finish}
    handler = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stdout"}
    logger = {"level": level, "handlers": ["stdout"], "propagate": False}
    # With a dictionary of its own gunicorn writes a line per request, whatever `accesslog` says.
    access = logger if level == "DEBUG" else logger | {"level": "WARNING"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": formatter},
        "handlers": {"stdout": handler},
        # The application sets up the root logger itself; a handler here would print its lines twice.
        "root": {"level": level, "handlers": []},
        "loggers": {"gunicorn.error": logger, "gunicorn.access": access},
    }


_chosen = _settings()

bind = f"[{_chosen.host}]:{_chosen.port}" if ":" in _chosen.host else f"{_chosen.host}:{_chosen.port}"

# Pages wait for the database and nothing else, so threads carry many at once; the second process covers for
# the first while it restarts.
workers = 2
worker_class = "gthread"
threads = admission.AT_ONCE + admission.SPARE

# Each process makes its own database and Redis connections: none may cross a fork.
preload_app = False

# A process whose threads are all stuck this long is replaced. No page waits for a provider.
timeout = 30
# Pages in progress at a stop; everything above this (systemd, supervisor) waits longer.
graceful_timeout = 15
# Longer than a page's own polling, so that a poll finds its connection open.
keepalive = 5

# The processes' heartbeat is a file's time stamp: on a slow disk it would look like a stuck process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  (gunicorn makes an unnamed file)

# Gunicorn would open a control socket in the home folder, where another user's process or a read-only home
# is in its way, and two instances would share one.
control_socket_disable = True

# The address and the scheme that a proxy reports are taken by the application, which counts TRUSTED_PROXIES
# hops. Without a proxy nobody may say such things.
forwarded_allow_ips = "*" if _chosen.trusted_proxies else ""

# The size of a body is limited by the application, which can answer with a readable 413.
loglevel = _chosen.log_level.lower()
errorlog = "-"
# A line per poll would bury everything else; the proxy keeps an access log.
accesslog = "-" if _chosen.log_level == "DEBUG" else None
if _chosen.log_format == "json":
    logconfig_dict = _json_logging(_chosen.log_level)
