"""What the terminal shows: a few words of our own, and the programs' logs, each line under its name."""

import contextlib
import sys
import threading
import time
from pathlib import Path
from typing import TextIO

LOOK_EVERY = 0.2
# Of supervisord's own log only what a reader can use: what ended, and what was started again.
WORTH_SHOWING = (" WARN exited", "INFO spawned", " WARN killing")
# Advice to a server's administrator, which Valkey gives at every start.
NOT_WORTH_SHOWING = "overcommit"


def say(text: str, *, to: TextIO | None = None) -> None:
    """Print at once; a terminal that was closed meanwhile is no error."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=to or sys.stdout, flush=True)


def frame(lines: list[str]) -> None:
    """Print lines in a box."""
    width = max(len(line) for line in lines)
    edge = f"+{'-' * (width + 2)}+"
    say("\n".join(["", edge, *(f"| {line.ljust(width)} |" for line in lines), edge, ""]))


def follow(logs: Path, names: list[str]) -> None:
    """Show, from now on, what is added to the log of each program."""
    followed = [_Log(logs / f"{name}.log", name) for name in (*names, "supervisor")]
    threading.Thread(target=_show, args=(followed,), name="console", daemon=True).start()


def _show(followed: list["_Log"]) -> None:
    while True:
        for log in followed:
            for line in log.new_lines():
                if _is_worth_showing(log.name, line):
                    say(f"{log.name:<10} | {line}")
        time.sleep(LOOK_EVERY)


def _is_worth_showing(name: str, line: str) -> bool:
    if name == "supervisor":
        return any(part in line for part in WORTH_SHOWING)
    return NOT_WORTH_SHOWING not in line


class _Log:
    """One log file, read on as it grows; a rotated file is read from its beginning."""

    def __init__(self, path: Path, name: str) -> None:
        self.path, self.name = path, name
        self._position = path.stat().st_size if path.is_file() else 0
        self._inode = path.stat().st_ino if path.is_file() else 0

    def new_lines(self) -> list[str]:
        """Whole lines only: a line that is still being written comes with the next look."""
        try:
            found = self.path.stat()
            if found.st_ino != self._inode or found.st_size < self._position:
                self._inode, self._position = found.st_ino, 0
            with self.path.open("rb") as file:
                file.seek(self._position)
                added = file.read()
        except OSError:
            return []
        whole = added[: added.rfind(b"\n") + 1]
        self._position += len(whole)
        return whole.decode(errors="replace").splitlines()
