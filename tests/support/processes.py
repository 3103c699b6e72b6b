"""Starting real processes for tests: each in a session of its own, and gone when the test is.

No process is found by name: only what a test started is stopped, by its id.
"""

import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.waiting import until

ROOT = Path(__file__).resolve().parents[2]

# Fast, but in the proportions of the defaults: the lease is at least 1.2 times the longest hand-over.
FAST: dict[str, Any] = {
    "retry_delays": "0.3,0.6,1.2",
    "provider_timeout": 1.5,
    "handover_deadline": 2,
    "mail_deadline": 3,
    "lease_seconds": 5,
    "uncertain_looks": "0.5,1.5",
    "sweep_seconds": 0.2,
    "undo_seconds": 0.5,
    "worker_concurrency": 8,
    "log_format": "text",
    "secret_key": "a-secret-for-tests-only-a-secret-for-tests-only",
}


def system_environment() -> dict[str, str]:
    """Return the system's minimum: where programs are, a language, no time zone of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "VIRTUAL_ENV") if name in os.environ}
    return kept | {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1", "TZ": "UTC"}


LEFT_OPEN = ("business_name", "business_phone", "business_colour")


def environment(*, data_dir: Path, **settings: object) -> dict[str, str]:
    """Return a clean environment: the system's minimum, every setting's default, fast timings, these settings.

    Every default is spelled out so that a developer's `.env` decides nothing; but the environment fixes what it names,
    so those of LEFT_OPEN are left to the settings page.
    """
    from webapp.settings import Settings  # Here: the fakes and brokers must not need the whole application.

    defaults = {name: field.get_default() for name, field in Settings.model_fields.items()}
    defaults = {name: value for name, value in defaults.items() if name not in LEFT_OPEN}
    chosen = defaults | FAST | {name.lower(): value for name, value in settings.items()} | {"data_dir": data_dir}
    texts = {name.upper(): _text(value) for name, value in chosen.items() if value is not None}
    return system_environment() | texts


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


class Process:
    """One process and its log. Started and stopped any number of times; a context manager starts and ends it."""

    def __init__(
        self,
        command: Sequence[object],
        env: Mapping[str, str],
        *,
        name: str = "",
        cwd: Path = ROOT,
        logs: Path | None = None,
    ) -> None:
        """`logs` is where its log goes; by default the environment's DATA_DIR."""
        self.command, self.env, self.cwd = [str(part) for part in command], dict(env), cwd
        self.name = name or type(self).__name__.lower()
        logs = logs or Path(self.env.get("DATA_DIR", tempfile.gettempdir()))
        logs.mkdir(parents=True, exist_ok=True)
        handle, path = tempfile.mkstemp(prefix=f"{self.name}-", suffix=".log", dir=logs)
        os.close(handle)
        self.log = Path(path)
        self._popen: subprocess.Popen[bytes] | None = None
        self._log_from = 0

    @property
    def pid(self) -> int:
        """The process's id."""
        assert self._popen, f"{self.name} was not started"
        return self._popen.pid

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._popen is not None and self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._popen.poll() if self._popen else None

    def is_ready(self) -> bool:
        """Whether it can be used."""
        return True

    def start(self, *, within: float = 120) -> Self:
        """Start it, and wait until it is ready.

        Raises:
            AssertionError: it ended or was not ready in time; the end of its log is in the text.
        """
        assert not self.is_running, f"{self.name} runs already"
        self._log_from = self.log.stat().st_size
        with self.log.open("ab") as log:
            self._popen = subprocess.Popen(
                self.command, env=self.env, cwd=self.cwd, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        try:
            until(lambda: self.returncode is not None or self.is_ready(), within=within, saying=f"{self.name} is ready")
            assert self.returncode is None, f"{self.name} ended with {self.returncode} at its start"
        except BaseException as failure:
            self.kill()
            failure.add_note(self.tail())
            raise
        return self

    def stop(self, *, within: float = 90) -> int | None:
        """Ask it to end (SIGTERM) and wait; kill what is left of it after that."""
        if self.is_running:
            self.thaw()
            self.send(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._popen.wait(within)  # type: ignore[union-attr]
        self.kill()
        return self.returncode

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process alone."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """End it and its children at once (SIGKILL)."""
        if self._popen:
            self._signal_all(signal.SIGKILL)
            self._popen.wait(10)

    def freeze(self) -> None:
        """Stop it in its tracks (SIGSTOP), children too."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        self._signal_all(signal.SIGCONT)

    def output(self) -> str:
        """Return what it wrote since its last start."""
        with self.log.open("rb") as log:
            log.seek(self._log_from)
            return log.read().decode("utf-8", "replace")

    def tail(self, lines: int = 40) -> str:
        """Return the end of its log under its name, for the report of a failure."""
        return f"--- the end of {self.name}'s log ---\n" + "\n".join(self.output().splitlines()[-lines:])

    def __enter__(self) -> Self:
        return self if self.is_running else self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.kill()
        if error is not None:
            error.add_note(self.tail())

    def _signal_all(self, number: signal.Signals) -> None:
        # The group bears the id of its first process, which we started as the leader of a session.
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)
