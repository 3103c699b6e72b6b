"""supervisord, run and spoken to: it starts again whatever ends, and stops all in order."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.launcher import guard
from deploy.launcher.child import die_with_parent
from deploy.launcher.programs import Program
from webapp.errors import NotReady

# A Unix socket's path is at most 104 bytes on macOS and 108 on Linux; supervisord appends its pid while binding.
LONGEST_SOCKET_PATH = 90


class Supervisor:
    """One supervisord for one data folder."""

    def __init__(self, data: Path, programs: list[Program]) -> None:
        self.data = data.resolve()
        self.programs = programs
        self.patience = sum(program.stop_seconds for program in programs)
        self._process: subprocess.Popen[bytes] | None = None
        self._short_folder: str | None = None
        self._socket = self.data / "supervisor.sock"

    def start(self, lock: int) -> None:
        """Start supervisord, which holds `lock` open too, and wait until it answers.

        A session of its own keeps the terminal's Ctrl-C from it: the launcher decides when it stops.
        """
        if len(str(self._socket)) > LONGEST_SOCKET_PATH:
            self._short_folder = tempfile.mkdtemp(prefix="bellhop-")
            self._socket = Path(self._short_folder) / "supervisor.sock"
        logs = self.data / "logs"
        logs.mkdir(exist_ok=True, mode=0o700)
        settings = self.data / "supervisord.conf"
        guard.write_private(settings, self._settings(logs))
        guard.adopt_orphans()
        with (logs / "supervisor.err").open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "supervisor.supervisord", "-n", "-s", "-c", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
                pass_fds=(lock,),
                preexec_fn=die_with_parent,  # noqa: PLW1509  (no thread runs yet)
            )
        deadline = time.monotonic() + 15
        while not self._answers():
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise NotReady(f"The supervisor did not start: {(logs / 'supervisor.err').read_text().strip()}")
            time.sleep(0.02)

    @property
    def is_started(self) -> bool:
        """Whether there is, or was, anything to stop."""
        return self._process is not None

    def start_programs(self, *names: str) -> None:
        """Start programs that do not start by themselves, without waiting for them."""
        for name in names:
            self._ask().startProcess(name, False)

    def restart(self, name: str) -> None:
        """Stop and start one program; it may be between two tries just now."""
        with contextlib.suppress(xmlrpc.client.Fault):
            self._ask().stopProcess(name)
        with contextlib.suppress(xmlrpc.client.Fault):
            self._ask().startProcess(name, False)

    def has_given_up(self, name: str) -> bool:
        """Whether a program ended before it had well started."""
        return bool(self._ask().getProcessInfo(name)["statename"] in ("BACKOFF", "EXITED", "FATAL"))

    def check(self) -> None:
        """Raise NotReady where supervisord itself has ended."""
        if self._process is not None and self._process.poll() is not None:
            raise NotReady("The supervisor ended unexpectedly, so everything is stopped. Start again: make run.")

    def stop(self) -> None:
        """Stop web, worker and broker, in that order, and wait for the end of each."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(self.patience + 15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._short_folder is not None:
            shutil.rmtree(self._short_folder, ignore_errors=True)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, xmlrpc.client.Error):
            return bool(self._ask().getState()["statename"] == "RUNNING")
        return False

    def _ask(self) -> Any:
        """Supervisor's remote interface (http://supervisord.org/api.html)."""
        transport = SupervisorTransport(None, None, serverurl=f"unix://{self._socket}")
        return xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport).supervisor

    def _settings(self, logs: Path) -> str:
        socket, data = (str(path).replace("%", "%%") for path in (self._socket, self.data))
        head = f"""; Written by `make run` at every start.
[supervisord]
logfile={str(logs).replace("%", "%%")}/supervisor.log
logfile_maxbytes=10MB
logfile_backups=1
pidfile={data}/supervisord.pid
nodaemon=true

[unix_http_server]
file={socket}
chmod=0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface

[supervisorctl]
serverurl=unix://{socket}
"""
        return "\n".join([head, *(program.section(logs) for program in self.programs)])
