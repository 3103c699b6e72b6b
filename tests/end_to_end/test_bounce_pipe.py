"""The script between a mail server and Bellhop, against a real HTTP server: what it sends, and how it ends."""

import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.network.ports import free_port
from tests.support.processes import ROOT

MAIL = b"From: daemon@mx.example\nSubject: x\n\n\xff\x00 'quoted' $HOME `id` \\\r\n.\nlast line without an end"
DONE, LATER = 0, 75
SENT = 500_000


class Desk(ThreadingHTTPServer):
    """A server that answers every call alike, and keeps what it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.status = 200
        self.calls: list[tuple[str, str, bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhooks/email/bounce"


class Answer(BaseHTTPRequestHandler):
    server: Desk

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.path, self.headers["Authorization"], body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Keep still."""


@pytest.fixture
def desk() -> Iterator[Desk]:
    with Desk() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join(10)


def run(folder: Path, url: str, mail: bytes = MAIL) -> "subprocess.CompletedProcess[bytes]":
    """Run it by sh, as a mail server does; the key is in its file alone."""
    config = folder / "bounce.curl"
    config.write_text(f'url = "{url}"\nheader = "Authorization: Bearer bh_key"\nnoproxy = "*"\n')
    env = {"PATH": "/usr/bin:/bin", "BELLHOP_BOUNCE": str(config)}
    command = ["sh", ROOT / "deploy/bounce.sh"]
    return subprocess.run(command, input=mail, env=env, capture_output=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("status", "end"),
    [(200, DONE), (204, DONE), (422, DONE), (302, LATER), (400, LATER), (401, LATER), (403, LATER), (404, LATER),
     (413, LATER), (429, LATER), (500, LATER), (502, LATER), (503, LATER)],
)  # fmt: skip
def test_it_ends_with_75_wherever_another_try_can_help(desk: Desk, tmp_path: Path, status: int, end: int) -> None:
    desk.status = status

    done = run(tmp_path, desk.url)

    assert (done.returncode, done.stdout, done.stderr) == (end, b"", b""), "Whatever it says is mailed to the sender."
    assert desk.calls == [("/webhooks/email/bounce", "Bearer bh_key", MAIL)], "The mail goes as it is, once."


def test_it_ends_with_75_where_nobody_answers_or_it_is_not_set_up(desk: Desk, tmp_path: Path) -> None:
    assert run(tmp_path, f"http://127.0.0.1:{free_port()}/").returncode == LATER
    assert run(tmp_path, "").returncode == LATER
    bare = {"PATH": "/usr/bin:/bin", "BELLHOP_BOUNCE": str(tmp_path / "none")}
    done = subprocess.run(["sh", ROOT / "deploy/bounce.sh"], input=MAIL, env=bare, timeout=60, check=False)
    assert done.returncode == LATER and desk.calls == []


def test_the_head_of_a_large_mail_is_sent_and_all_of_it_is_read(desk: Desk, tmp_path: Path) -> None:
    config = tmp_path / "bounce.curl"
    run(tmp_path, desk.url)
    mail = MAIL + b"\n" + b"x" * 3_000_000
    env = {"PATH": "/usr/bin:/bin", "BELLHOP_BOUNCE": str(config)}

    with subprocess.Popen(["sh", ROOT / "deploy/bounce.sh"], stdin=subprocess.PIPE, env=env) as script:
        assert script.stdin
        script.stdin.write(mail)  # A mail server takes a pipe that breaks for a failure of its own.
        script.stdin.close()
        assert script.wait(60) == DONE

    assert desk.calls[-1][2] == mail[:SENT]
