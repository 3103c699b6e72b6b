"""What `make run` starts: the README's first screen, typed as it stands, and a stop that leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.rules.docs.readme import blocks
from tests.support.network.ports import free_port
from tests.support.processes import ROOT, Process, system_environment
from tests.support.waiting import until
from webapp.setting_values import redis_url
from webapp.setting_values.redis_url import RedisAddress

START_SECONDS = 120
SETTLED = {"sms": {"delivered"}, "whatsapp": {"delivered", "read"}, "email": {"sent"}}


class Bellhop(Process):
    """`make run` on a data folder and a port of its own."""

    def __init__(self, data: Path) -> None:
        self.port = free_port()
        env = system_environment() | {"DATA_DIR": str(data), "PORT": str(self.port)}
        super().__init__([sys.executable, "deploy/run.py"], env, name="make-run", logs=data.parent)

    def is_ready(self) -> bool:
        return "Bellhop is ready" in self.output()


@pytest.fixture
def bellhop(tmp_path: Path) -> Iterator[Bellhop]:
    started = Bellhop(tmp_path / "data")
    started.start(within=START_SECONDS)
    yield started
    started.send(signal.SIGINT)
    until(lambda: not started.is_running, within=120, saying="Ctrl-C has stopped everything")


def commands(mark: str) -> str:
    return "\n".join(block.commands for block in blocks() if block.mark == mark)


def shell(bellhop: Bellhop, script: str) -> str:
    """Type commands as in a second terminal in the project's folder."""
    script = script.replace("http://127.0.0.1:8000", f"http://127.0.0.1:{bellhop.port}")
    script = script.replace(".venv/bin/", f"{Path(sys.executable).parent}/")
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], env=bellhop.env, cwd=ROOT, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readmes_first_screen_does_what_it_says(bellhop: Bellhop) -> None:
    first = shell(bellhop, commands("second-terminal") + "\n" + commands("api") + "\necho; echo $KEY $REF")
    key, reference = first.split()[-2:]
    again = f"KEY={key} REF={reference}\n" + commands("second-terminal").split("desk()")[0].split("export KEY")[0]
    look = again + "desk()" + commands("second-terminal").split("desk()")[1] + "\n" + commands("api-look")

    def settled() -> bool:
        messages = json.loads(shell(bellhop, look))["messages"]
        told = {m["channel"] for m in messages}
        return told == {"whatsapp", "email"} and all(m["status"] in SETTLED[m["channel"]] for m in messages)

    until(settled, within=120, saying="by the order of a first start one message is delivered, and the e-mail is sent")


def test_a_second_terminal_finds_the_broker_and_the_providers(bellhop: Bellhop) -> None:
    for what in ("active", "registered", "stats"):
        assert "1 node online" in shell(bellhop, f".venv/bin/celery -A celery_worker inspect {what}")

    said = shell(bellhop, ".venv/bin/flask --app wsgi send-test --channel sms --to +14155550123")
    assert said.startswith(("sent", "delivered"))
    shell(bellhop, '.venv/bin/python -c "from tasks import test_celery; test_celery.delay()"')
    worker_log = Path(bellhop.env["DATA_DIR"]) / "logs" / "worker.log"
    until(lambda: "Success: the worker took the test task" in worker_log.read_text(), within=90, saying="it was run")


def test_the_broker_is_for_its_owner_alone(bellhop: Bellhop) -> None:
    data = Path(bellhop.env["DATA_DIR"])
    address = redis_url.read((data / "redis.url").read_text().strip())

    assert len(address.password) > 30 and address.client().ping()
    with pytest.raises(redis.exceptions.AuthenticationError):
        RedisAddress(address.host, address.port).client().ping()
    assert [
        path.name for path in (data / "redis.url", data / "valkey" / "valkey.conf") if path.stat().st_mode & 0o077
    ] == []
    assert [command for command in processes_of(data) if address.password in command] == []


def test_ctrl_c_leaves_no_process_and_the_next_start_has_the_data(tmp_path: Path) -> None:
    data = tmp_path / "data"
    first = Bellhop(data)
    first.start(within=START_SECONDS)
    shell(first, commands("second-terminal") + "\n" + commands("api").replace("$(date +%s)", "KEPT"))

    first.send(signal.SIGINT)
    until(lambda: not first.is_running, within=120, saying="Ctrl-C has stopped everything")
    assert not (data / "redis.url").exists()
    assert processes_of(data) == []

    second = Bellhop(data)
    second.start(within=START_SECONDS)
    found = shell(second, commands("second-terminal") + "\nREF=WEB-KEPT\n" + commands("api-look"))
    second.send(signal.SIGINT)
    until(lambda: not second.is_running, within=120, saying="Ctrl-C has stopped everything")
    assert json.loads(found)["payment_status"] == "paid"


def test_a_port_that_is_taken_gets_one_clear_sentence(bellhop: Bellhop, tmp_path: Path) -> None:
    other = bellhop.env | {"DATA_DIR": str(tmp_path / "other")}

    done = subprocess.run(
        [sys.executable, "deploy/run.py"], env=other, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith(f"Port {bellhop.port} is taken")


def processes_of(data: Path) -> list[str]:
    """Processes whose environment names this data folder (Linux)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"DATA_DIR={data}".encode() in entry.read_bytes() and int(entry.parent.name) != os.getpid():
                found.append((entry.parent / "cmdline").read_text().replace("\0", " "))
        except (OSError, ValueError):
            continue  # It has ended, or is another user's.
    return found
