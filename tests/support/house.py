"""A whole Bellhop of real processes, with fake providers that speak the real protocols."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.support.mail.fake_smtp import FakeSmtp
from tests.support.network.ports import free_port
from tests.support.processes import ROOT
from tests.support.servers import Valkey, Web, Worker, environment
from tests.support.twilio.fake_twilio import FakeTwilio
from tests.support.waiting import until

START_SECONDS = 60  # Two cores, shared: a start takes 3 s when they are free.


@dataclass
class Answer:
    """What the API said."""

    status: int
    body: Any
    headers: dict[str, str]


class House:
    """Broker, web, workers, Twilio and a mail server. Start it as a context manager.

    `sandbox=True` uses the product's own sandbox in place of the fake providers, `smtp` another mail server,
    `valkey` another broker.
    """

    def __init__(
        self,
        folder: Path,
        *,
        workers: int = 1,
        sandbox: bool = False,
        smtp: Any = None,
        valkey: Valkey | None = None,
        **settings: object,
    ) -> None:
        self.folder = folder
        self.twilio = FakeTwilio(auto_receipts=True)
        self.smtp = smtp or FakeSmtp()
        self.valkey = valkey or Valkey(folder / "valkey-data" if (folder / "valkey-data").mkdir() is None else folder)
        self._port = free_port()
        self._settings, self._sandbox, self._worker_count = settings, sandbox, workers
        self._stack = ExitStack()
        self.workers: list[Worker] = []
        self.key = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        with self._stack as starting:  # What has started is stopped again where a later part does not start.
            self._start(starting)
            self._stack = starting.pop_all()
        return self

    def _start(self, stack: ExitStack) -> None:
        enter = stack.enter_context
        enter(self.twilio)
        enter(self.smtp)
        enter(self.valkey)
        names = ("sms_provider", "whatsapp_provider", "email_provider")
        providers = dict.fromkeys(names, "sandbox") if self._sandbox else self.twilio.settings | self.smtp.settings
        given = {"redis_url": self.valkey.url, "public_url": self.url, **providers} | self._settings
        self.env = environment(data_dir=self.folder, **given)
        self.flask("db", "upgrade")
        self.key = self.flask("create-api-key", "tests").strip()
        self.web = Web(self.env, port=self._port)
        self.workers = [Worker(self.env, name=f"worker-{n}") for n in range(self._worker_count)]
        for process in (self.web, *self.workers):
            enter(process.start(within=START_SECONDS))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    @property
    def worker(self) -> Worker:
        return self.workers[0]

    def flask(self, *words: str, stdin: str = "", check: bool = True) -> str:
        """Run a command of `flask --app wsgi` as an operator would."""
        done = self._run(*words, stdin=stdin)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def python(self, lines: str) -> str:
        """Run lines of Python inside an app of this house: for rows that no page and no call can make."""
        done = self._run("shell", stdin=f"exec({lines!r})\n")
        assert "Traceback (most recent call last)" not in done.stderr, (
            done.stderr
        )  # The shell ends with 0 all the same.
        return done.stdout

    def _run(self, *words: str, stdin: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        return subprocess.run(
            command, env=self.env, cwd=ROOT, input=stdin, capture_output=True, text=True, timeout=120, check=False
        )

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call the API with the house's key."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1{path}", data=data, method=method)
        for name, value in {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}.items():
            request.add_header(name, value)
        for name, value in headers.items():
            request.add_header(name.replace("_", "-"), value)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=30) as answer:
                return Answer(answer.status, json.loads(answer.read() or b"null"), dict(answer.headers))
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, json.loads(refused.read() or b"null"), dict(refused.headers))

    def book(self, reference: str, *, phone: str = "+14155550101", email: str = "", **more: Any) -> str:
        """Take a booking through the API; its reference."""
        guest = {"name": "Amelia Hart", "phone": phone, "email": email or f"{reference.lower()}@guests.example"}
        body = {"reference": reference, "guest": guest, "service": "Harbour cruise", "amount": "120.00",
                "starts_at": "2030-01-05T10:00:00+01:00", "currency": "GBP"} | more  # fmt: skip
        answer = self.call("POST", "/bookings", body)
        assert answer.status == 201, answer
        return reference

    def confirm(self, reference: str) -> Answer:
        """Confirm a booking through the API."""
        return self.call("POST", f"/bookings/{reference}/confirm")

    def messages(self, reference: str) -> dict[str, Any]:
        """A booking's messages by channel (the newest of each)."""
        return {m["channel"]: m for m in self.call("GET", f"/bookings/{reference}").body["messages"]}

    def until_settled(self, reference: str, within: float = 120, **expected: str) -> dict[str, Any]:
        """Wait until the messages of these channels have these statuses; the messages."""

        def settled() -> dict[str, Any] | None:
            found = self.messages(reference)
            seen = {channel: found[channel]["status"] for channel in expected if channel in found}
            settled.seen = seen  # type: ignore[attr-defined]
            return found if seen == expected else None

        return until(settled, within=within, saying=f"{reference} is {expected}") or {}
