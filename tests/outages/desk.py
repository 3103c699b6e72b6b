"""A whole desk of real processes, with a line to each of its servers that a test can break."""

import itertools
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from twilio.request_validator import RequestValidator

from tests.outages.asking import Answer, ask, sign_in
from tests.support.house import House
from tests.support.network.line import Line
from tests.support.servers import Postgres

EMAIL, PASSWORD = "desk@bellhop.example", "a long password of the tests"
SETTINGS: dict[str, Any] = {"sweep_seconds": 1}


class Desk:
    """A house whose database, broker and providers are reached by lines; and somebody who is signed in."""

    def __init__(self, folder: Path, database: str, **settings: object) -> None:
        """`database`: a SQLAlchemy URL; PostgreSQL's is reached by a line."""
        self.database, self.broker, self.twilio, self.smtp = Line(), Line(), Line(), Line()
        self.house = House(folder, database_url=self._through(database), **(SETTINGS | settings))
        self.house._settings |= {
            "redis_url": f"redis://127.0.0.1:{self.broker.port}/0",
            "twilio_api_url": f"http://127.0.0.1:{self.twilio.port}",
            "mail_port": self.smtp.port,
        }
        self._stack = ExitStack()
        self._numbers = itertools.count(1)
        self.cookie = self.token = ""

    def _through(self, url: str) -> str:
        if url.startswith("sqlite"):
            return url
        before, _, socket = url.partition("?host=")
        self.database.target = f"{unquote(socket)}/.s.PGSQL.5432"
        return before.replace("@/", f"@127.0.0.1:{self.database.port}/")

    def __enter__(self) -> Self:
        with self._stack as starting:
            for line in (self.database, self.broker, self.twilio, self.smtp):
                starting.enter_context(line)
            self.broker.target = self.house.valkey.port
            house = starting.enter_context(self.house)
            self.twilio.target, self.smtp.target = house.twilio.port, house.smtp.port
            house.flask("create-user", EMAIL, "--role", "admin", "--name", "Aisha", "--password-stdin", stdin=PASSWORD)
            self.cookie, self.token = sign_in(house.url, EMAIL, PASSWORD)
            self._stack = starting.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, error, at)

    def next_booking(self) -> str:
        """A pending booking that no other cell touches; taken now, while all is well."""
        number = self.next_number()
        return self.house.book(f"F-{number}", phone=f"+1415556{number:04d}")

    def next_number(self) -> int:
        """A number that nothing else of this desk bears."""
        return next(self._numbers)

    def status_of(self, reference: str) -> str:
        """How a booking stands, by the API."""
        return str(self.house.call("GET", f"/bookings/{reference}").body["status"])

    def ask(self, method: str, path: str, **more: Any) -> Answer:
        """Ask the web."""
        return ask(self.house.url, method, path, **more)

    def person(self, *, signed_in: bool) -> dict[str, str]:
        """The headers of a browser."""
        return {"Cookie": self.cookie} if signed_in else {}

    def signed_by_twilio(self, path: str, form: dict[str, str]) -> dict[str, str]:
        """The header by which a webhook is believed."""
        key = RequestValidator(self.house.twilio.auth_token)
        return {"X-Twilio-Signature": key.compute_signature(f"{self.house.url}{path}", form)}


def postgresql_desk(folder: Path, server: Postgres) -> Desk:
    """A desk on a database of its own."""
    return Desk(folder, server.create_database("outages"))
