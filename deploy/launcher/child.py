"""Run a command that writes to a log and ends when its parent does: python child.py LOG COMMAND [ARGUMENT …].

The log is opened here, not read by supervisord from a pipe: with supervisord killed the pipe would be broken,
and a Celery worker that cannot print its word of farewell does not shut down.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)
LARGEST_LOG = 10_000_000


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the parent ends; the wish survives exec. Linux only: elsewhere nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)


def write_to(log: str) -> None:
    """Append what the command prints to `log`, which is set aside at a start once it has grown large."""
    if os.path.exists(log) and os.path.getsize(log) > LARGEST_LOG:  # noqa: PTH110, PTH202  (pathlib is slow to load)
        os.replace(log, f"{log}.1")  # noqa: PTH105
    handle = os.open(log, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


if __name__ == "__main__":
    die_with_parent()
    write_to(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])  # noqa: S606  (a shell is what is not wanted here)
