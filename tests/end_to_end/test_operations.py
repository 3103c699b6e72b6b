"""The commands of docs/operations.md, typed into a second terminal beside `make run`."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.test_make_run import START_SECONDS, Bellhop
from tests.support import operations
from tests.support.processes import ROOT, Process
from tests.support.waiting import until

# `redis-cli` comes with Redis, which this machine may not have: enough of it for the page's four commands.
REDIS_CLI = """#!{python}
import sys
from redis import Redis
client = Redis.from_url(sys.argv[2], decode_responses=True)
asked = sys.argv[3:]
if asked == ["--scan"]:
    print(*client.scan_iter(), sep="\\n")
elif asked == ["ping"]:
    print("PONG" if client.ping() else "")
elif asked[0] == "info":
    print(*(f"{{key}}:{{value}}" for key, value in client.info(asked[1]).items()), sep="\\n")
else:
    print(client.execute_command(*asked))
"""


@pytest.fixture(scope="module")
def bellhop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bellhop]:
    folder: Path = tmp_path_factory.mktemp("operations")
    programs = folder / "bin"
    programs.mkdir()
    (programs / "redis-cli").write_text(REDIS_CLI.format(python=sys.executable))
    (programs / "redis-cli").chmod(0o755)
    started = Bellhop(folder / "data")
    started.env["PATH"] = f"{programs}:{started.env['PATH']}"
    started.start(within=START_SECONDS)
    yield started
    started.send(signal.SIGINT)
    until(lambda: not started.is_running, within=120, saying="Ctrl-C has stopped everything")


def typed(bellhop: Bellhop, command: str) -> str:
    """The command as typed, with this house's folder and this machine's Python."""
    data = bellhop.env["DATA_DIR"]
    command = command.replace(".venv/bin/", f"{Path(sys.executable).parent}/").replace("copy.db", f"{data}/copy.db")
    return re.sub(r"(?<=[ (])data/", f"{data}/", command)


def terminal(bellhop: Bellhop, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-uo", "pipefail", "-c", typed(bellhop, command)], env=bellhop.env | {"REDIS_URL": ""}, cwd=ROOT,
        input="correct horse battery\n", capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("command", operations.TYPED)
def test_a_command_of_the_page_does_what_the_page_says(bellhop: Bellhop, command: str) -> None:
    def says() -> subprocess.CompletedProcess[str] | None:
        done = terminal(bellhop, command)
        says.last = done  # type: ignore[attr-defined]
        return done if operations.TYPED[command] in done.stdout and done.returncode == 0 else None

    # In its first seconds a worker has not been asked yet what it knows.
    until(says, within=60, saying=f"{command!r} says {operations.TYPED[command]!r}")


@pytest.mark.parametrize("command", operations.WORKERS)
def test_a_worker_that_the_page_says_to_start_gets_ready(bellhop: Bellhop, command: str) -> None:
    shell = ["bash", "-uc", typed(bellhop, f"exec env {command}")]

    worker = Process(shell, bellhop.env, name="by-the-page")
    worker.start(within=90)
    until(lambda: " ready." in worker.output(), within=90, saying="it is ready")

    assert worker.stop() in (0, -signal.SIGTERM, os.EX_OK)
