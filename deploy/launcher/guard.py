"""What keeps a start safe: one at a time per data folder, a free port, no process left behind."""

import contextlib
import ctypes
import errno
import fcntl
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from deploy.launcher import console
from webapp.errors import NotReady

PR_SET_CHILD_SUBREAPER = 36  # prctl(2)
LEFTOVER_PATIENCE = 150.0


@contextlib.contextmanager
def only_one(data: Path) -> Iterator[int]:
    """Hold this data folder's lock; yield its file descriptor, which supervisord is to hold too.

    The kernel frees the lock when the last holder ends, so a lock file that a crash left behind blocks nobody.

    Raises:
        NotReady: Bellhop already runs from this folder.
    """
    handle = os.open(data / "run.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if not _locked(handle):
            _wait_for_leftover(handle, data)
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield handle
    finally:
        os.close(handle)


def _locked(handle: int) -> bool:
    with contextlib.suppress(BlockingIOError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _wait_for_leftover(handle: int, data: Path) -> None:
    """Where only supervisord is left of a killed start, tell it to stop and wait; else refuse."""
    launcher = _number(os.pread(handle, 20, 0).decode())
    if launcher is None or _lives(launcher):
        who = f" (process {launcher})" if launcher else ""
        raise NotReady(f"Bellhop already runs from {data}{who}: stop it there with Ctrl-C, or use another DATA_DIR.")
    console.say("Waiting for what an earlier, killed start left running to stop.")
    pid_file = data / "supervisord.pid"
    leftover = _number(pid_file.read_text()) if pid_file.is_file() else None
    if leftover is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(leftover, signal.SIGTERM)
    deadline = time.monotonic() + LEFTOVER_PATIENCE
    while not _locked(handle):
        if time.monotonic() > deadline:
            raise NotReady(f"Processes of an earlier start do not end (supervisord is process {leftover}): kill them.")
        time.sleep(0.2)


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def need_port(host: str, port: int) -> None:
    """Make sure that the web will be able to listen.

    Raises:
        NotReady: it will not; the sentence says why and what to do.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError:
        raise NotReady(f"HOST {host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all.") from None
    family, kind, protocol, _, address = found[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as refused:
            raise NotReady(_why_not(refused, host, port)) from None


def _why_not(refused: OSError, host: str, port: int) -> str:
    if refused.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: stop it, or start with PORT={port + 1} make run."
    if refused.errno == errno.EACCES:
        return f"Port {port} is only for the system's administrator: start with PORT=8000 make run."
    return f"HOST {host} is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all."


def loopback() -> str:
    """This machine's own address: 127.0.0.1, or ::1 where there is no other."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.bind((address, 0))
            return address
    raise NotReady("This machine has neither 127.0.0.1 nor ::1: bring its interface lo up.")


def free_port(address: str) -> int:
    """A port of loopback that nobody uses just now."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.bind((address, 0))
        port: int = probe.getsockname()[1]
        return port


def answers(url: str) -> bool:
    """Whether a page answers 200; never through a proxy that the environment names."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text)


def adopt_orphans() -> None:
    """Become the parent of whatever supervisord leaves behind, should it be killed (Linux only)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_orphans(patience: float = 100.0) -> None:
    """Wait for adopted processes to end (they were told to when supervisord was killed), then kill what is left."""
    deadline = time.monotonic() + patience
    while children := _children():
        if time.monotonic() > deadline:
            for pid in children:
                os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)
        time.sleep(0.05)


def _children() -> list[int]:
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return [int(pid) for pid in listed.read_text().split()] if listed.is_file() else []


def newest_change(root: Path) -> float:
    """When the worker's code or texts last changed."""
    files = [root / "celery_worker.py"]
    for folder in ("webapp", "tasks", "templates/texts"):
        files += [path for path in (root / folder).rglob("*") if path.suffix in (".py", ".txt", ".html")]
    return max((path.stat().st_mtime for path in files if path.is_file()), default=0.0)
