"""What several questions need: settings as shipped, a database with its app, a provider in its own process."""

import json
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import flask_migrate
from flask import Flask

from tests.support.processes import FAST, Process, environment, system_environment
from webapp import create_app
from webapp.celery_app import bind
from webapp.extensions import db
from webapp.settings import Settings

# The product's own timings in place of the tests' fast ones.
SHIPPED = {name: Settings.model_fields[name].get_default() for name in FAST if name != "secret_key"}


def end_when_told() -> None:
    """Make a polite signal an exception, so that all that was started is stopped on the way out."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for all that a question leaves behind; gone with it."""
    with tempfile.TemporaryDirectory(prefix="bellhop-bench-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def as_shipped(data_dir: Path, **given: object) -> dict[str, str]:
    """The environment of a process with every setting at its default, but these."""
    return environment(data_dir=data_dir, **(SHIPPED | given))


@contextmanager
def app(env: Mapping[str, str]) -> Iterator[Flask]:
    """An app of this process on the same database and broker, migrated, its context pushed: it makes rows and rings."""
    given = {name.lower(): text for name, text in env.items() if name.lower() in Settings.model_fields}
    settings = Settings(_env_file=None, **(given | {"log_level": "ERROR"}))
    made = create_app(settings)
    bind(made, settings)
    with made.app_context():
        flask_migrate.upgrade()
        try:
            yield made
        finally:
            db.session.remove()
            db.engine.dispose()


class Provider(Process):
    """A fake Twilio of its own process, so that it shares no lock with whoever measures."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__([sys.executable, "-m", "tests.bench.programs.provider"], system_environment(), logs=data_dir)

    def is_ready(self) -> bool:
        """Whether it has said where it listens, and counts."""
        return len(self.output().splitlines()) > 1

    def tail(self, lines: int = 3) -> str:
        """Return the end of its log; most of it is figures."""
        return super().tail(lines)

    @property
    def settings(self) -> dict[str, str]:
        """The settings that point an app here."""
        first: dict[str, str] = json.loads(self.output().splitlines()[0])
        return first

    def arrived(self) -> int:
        """How many messages have arrived; up to a fifth of a second old."""
        return int(self.output().splitlines()[-1])
