"""The order of a start: settings, lock, port, broker, database, web and worker; and of a stop: the reverse."""

import argparse
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

from redis.exceptions import RedisError

from deploy.launcher import console, guard
from deploy.launcher.programs import broker, web, worker
from deploy.launcher.supervisor import Supervisor
from webapp.errors import NotReady
from webapp.setting_values.redis_url import RedisAddress
from webapp.setting_values.secret_file import keep_secret
from webapp.settings import ROOT, RUN_CHOICES, Settings, load

BROKER_PATIENCE = 30.0  # A long append-only file is read before the first PONG.
WEB_PATIENCE = 60.0


def main() -> int:
    """Run until Ctrl-C; 0 after a clean stop, 1 with a sentence where something is wrong."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dev", action="store_true", help="reload web and worker when their files change")
    dev: bool = arguments.parse_args().dev
    os.chdir(ROOT)
    # One way to stop: KeyboardInterrupt, wherever we are. SIGINT too: a shell starts its background jobs deaf to it.
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, signal.default_int_handler)
    try:
        settings = _settings()
        with guard.only_one(settings.data_dir) as lock:
            guard.need_port(settings.host, settings.port)
            return _run(settings, lock, dev)
    except NotReady as reason:
        console.say(reason.sentence, to=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def _settings() -> Settings:
    """Read the settings, and choose what makes a first start safe: the sandbox, a kept secret, readable logs."""
    chosen = load()
    try:
        chosen.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        keep_secret(chosen.data_dir)
    except OSError as refused:
        raise NotReady(f"DATA_DIR {chosen.data_dir} cannot be written to: {refused.strerror}.") from None
    for channel in Settings.channels():
        if not getattr(chosen, f"{channel}_provider"):
            os.environ[f"{channel.upper()}_PROVIDER"] = "sandbox"
    if "log_format" not in chosen.model_fields_set:
        os.environ["LOG_FORMAT"] = "text"
    if "host" not in chosen.model_fields_set:
        os.environ["HOST"] = guard.loopback()
    os.environ["DATA_DIR"] = str(chosen.data_dir.resolve())
    os.environ["PYTHONUNBUFFERED"] = "1"
    settings = load()
    if problems := settings.problems():
        raise NotReady("\n".join(problems))
    return settings


def _run(settings: Settings, lock: int, dev: bool) -> int:
    kept_url = settings.data_dir / "redis.url"
    choices = settings.data_dir / RUN_CHOICES
    kept_url.unlink(missing_ok=True)  # A killed start left it; it must not lead anybody to a broker that is gone.
    programs = [web(settings, dev=dev), worker(settings, dev=dev)]
    if not settings.redis_url:
        home = guard.loopback()
        # Other users of this machine reach the port too; without the password they could empty the queue.
        address = RedisAddress(home, guard.free_port(home), password=secrets.token_urlsafe(32))
        guard.write_private(kept_url, f"{address.url}\n")
        programs.insert(0, broker(settings, address))
    supervisor = Supervisor(settings.data_dir, programs)
    try:
        supervisor.start(lock)
        providers = (f"{channel.upper()}_PROVIDER={settings.provider(channel)}\n" for channel in Settings.channels())
        guard.write_private(choices, "".join(providers))
        console.follow(settings.data_dir / "logs", [program.name for program in programs])
        _await_broker(settings)
        console.say("Preparing the database ...")
        _flask("db", "upgrade")
        sign_ins = _seed(settings)
        supervisor.start_programs("worker", "web")
        _await_web(settings, supervisor)
        console.frame(_ready_lines(settings, sign_ins))
        _watch(supervisor, dev=dev)
    except KeyboardInterrupt:
        return 0
    finally:
        _stop(supervisor)
        for kept in (kept_url, choices):
            kept.unlink(missing_ok=True)


def _await_broker(settings: Settings) -> None:
    """Wait for PONG. A broker of one's own that is down holds up nothing: Bellhop works without it."""
    patience = 3.0 if settings.redis_url else BROKER_PATIENCE
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            with settings.broker.client(socket_timeout=2, socket_connect_timeout=2) as client:
                client.ping()
            return
        except (RedisError, OSError):
            time.sleep(0.05)
    if not settings.redis_url:
        raise NotReady(f"The embedded broker gave no answer within {patience:g} s: see its log, named broker.log.")
    console.say(
        f"No Redis answers at {settings.broker.place}. Bellhop starts all the same; messages go out afterwards."
    )


def _flask(*words: str) -> str:
    """Run one `flask --app wsgi` command and return what it printed; its error output is shown where it fails."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"{done.stdout}{done.stderr}\n`flask --app wsgi {' '.join(words)}` failed, as shown above.")
    return done.stdout


def _seed(settings: Settings) -> list[str]:
    """Fill an empty database with demo rows, unless messages would reach real people."""
    if any(settings.provider(channel) not in ("sandbox", "off") for channel in Settings.channels()):
        return [
            "No demo rows: a real provider is set. A first user is made with",
            "  .venv/bin/flask --app wsgi create-user EMAIL --role admin --name NAME --password-stdin",
        ]
    return _flask("seed-demo", "--if-empty").strip().splitlines()


def _await_web(settings: Settings, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + WEB_PATIENCE
    while not guard.answers(f"{_address(settings)}/healthz"):
        supervisor.check()
        if time.monotonic() > deadline or supervisor.has_given_up("web"):
            time.sleep(0.5)  # Its last lines are on their way to the terminal.
            raise NotReady(f"The web process did not start. Its log: {settings.data_dir / 'logs' / 'web.log'}")
        time.sleep(0.1)


def _ready_lines(settings: Settings, sign_ins: list[str]) -> list[str]:
    providers = [f"{channel}: {settings.provider(channel)}" for channel in Settings.channels()]
    simulated = all(settings.provider(channel) in ("sandbox", "off") for channel in Settings.channels())
    return [
        f"Bellhop is ready: {_address(settings)}",
        "",
        *([*sign_ins, ""] if sign_ins else []),
        ", ".join(providers) + (" (nothing leaves this machine)" if simulated else ""),
        f"Logs: {_short(settings.data_dir / 'logs')}",
        "Ctrl-C stops everything.",
    ]


def _address(settings: Settings) -> str:
    everywhere = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}  # noqa: S104  (compared, not bound)
    host = everywhere.get(settings.host, settings.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def _short(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


def _watch(supervisor: Supervisor, *, dev: bool) -> NoReturn:
    """Wait for Ctrl-C; in development restart the worker whenever its code changes (Flask reloads the web itself)."""
    seen = guard.newest_change(ROOT) if dev else 0.0
    while True:
        time.sleep(0.5)
        supervisor.check()
        if dev and (now := guard.newest_change(ROOT)) != seen:
            seen = now
            supervisor.restart("worker")


def _stop(supervisor: Supervisor) -> None:
    """Let what is in hand be finished, then end everything; a second Ctrl-C only learns that this goes on."""

    def be_patient(_number: int, _frame: FrameType | None) -> None:
        console.say("Still stopping: a message in hand is being finished.")

    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, be_patient)
    if supervisor.is_started:
        console.say(f"Stopping: what is being sent is finished first (at most {supervisor.patience:g} s).")
    supervisor.stop()
    guard.end_orphans()
    if supervisor.is_started:
        console.say("Stopped.")


if __name__ == "__main__":
    sys.exit(main())
