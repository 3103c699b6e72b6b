"""Several people act on hundreds of bookings at once: each reads what is so, and can take it back."""

import re
import sqlite3
import time
import urllib.parse
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass

import pytest

from tests.outages.asking import Answer, ask, sign_in
from tests.support.house import House
from tests.support.waiting import until

PASSWORD = "a long password of the tests"
ROWS = """
from tests.bench import rows
from sqlalchemy import select
from webapp.extensions import db
from webapp.models import Booking
for phones in {phones}:
    rows.bookings({many}, phones=phones)
    found = select(Booking.id, Booking.version).where(Booking.phone.startswith(phones))
    print("rows", *(f"{{one.id}}.{{one.version}}" for one in db.session.execute(found)))
"""
DUE = """
from sqlalchemy import update
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import Message
with writing():
    db.session.execute(update(Message).where(Message.to.startswith("{phones}")).values(due_at=now()))
"""


@dataclass
class Clerk:
    """Somebody who is signed in, with bookings that nobody else acts on."""

    house: House
    phones: str
    cookie: str
    token: str
    rows: list[str]

    def post(self, path: str, **fields: str | list[str]) -> tuple[Answer, float]:
        """Post a form; the answer, and when it came by this machine's monotonic clock."""
        body = urllib.parse.urlencode({"csrf_token": self.token, "view": "row"} | fields, doseq=True)
        headers = {"Cookie": self.cookie, "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"}
        return ask(self.house.url, "POST", path, body=body, headers=headers, patience=180), time.monotonic()

    def confirm_all(self) -> tuple[Answer, float]:
        return self.post("/bookings/list/confirmations", row=self.rows)

    def confirm_and_undo(self) -> tuple[Answer, tuple[Answer, float]]:
        """Confirm all, and take it back as soon as that is offered; what the undo answered, and the act before it."""
        done = self.confirm_all()
        acts = re.search(r'name="acts"[^>]* value="([^"]+)"', done[0].text)
        return self.post("/bookings/list/undo", acts=acts.group(1) if acts else "")[0], done

    def sent(self) -> list[float]:
        """When each of these guests' messages reached the provider."""
        return [one.started for one in self.house.twilio.arrivals if one.to.startswith(self.phones)]


@pytest.fixture
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with House(tmp_path_factory.mktemp("many"), undo_seconds=20) as started:
        yield started


def clerks_of(house: House, *, count: int, many: int) -> list[Clerk]:
    """So many clerks, each with so many bookings."""
    phones = [f"+1415{number}" for number in range(1, count + 1)]
    made = re.findall(r"rows((?: \d+\.\d+)+)", house.python(ROWS.format(many=many, phones=phones)))
    clerks = []
    for number, rows in enumerate(made):
        email = f"clerk{number}@bellhop.example"
        person = ("--role", "front_desk", "--name", f"Clerk {number}", "--password-stdin")
        house.flask("create-user", email, *person, stdin=PASSWORD)
        clerks.append(Clerk(house, phones[number], *sign_in(house.url, email, PASSWORD), rows.split()))
    return clerks


def written_for(clerk: Clerk) -> int:
    """How many messages to a clerk's guests stand in the database; read beside its processes."""
    with closing(sqlite3.connect(f"file:{clerk.house.folder}/bellhop.db?mode=ro", uri=True)) as file:
        return int(
            file.execute("SELECT count(*) FROM message WHERE to_address LIKE ?", (f"{clerk.phones}%",)).fetchone()[0]
        )


def said(answer: Answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_three_people_confirm_five_hundred_each_at_once(house: House) -> None:
    clerks = clerks_of(house, count=3, many=500)
    with ThreadPoolExecutor(3) as pool:
        undone, *others = [
            pool.submit(Clerk.confirm_and_undo, clerks[0]),
            *(pool.submit(Clerk.confirm_all, clerk) for clerk in clerks[1:]),
        ]
        taken_back, first = undone.result()
        answers = [first, *(one.result() for one in others)]

    for answer, _ in answers:
        assert "500 bookings confirmed. 500 messages go out" in said(answer), answer
    assert "500 bookings undone. Nothing was sent" in said(taken_back)
    for clerk, (_, answered) in zip(clerks[1:], answers[1:], strict=True):
        until(lambda clerk=clerk: len(clerk.sent()) >= 500, within=120, saying="all were told")
        assert min(clerk.sent()) > answered + 10, "a message went out while undo was offered"
        assert len(clerk.sent()) == 500
    assert clerks[0].sent() == []


def test_a_web_that_is_killed_in_the_middle_loses_and_doubles_nothing(house: House) -> None:
    (clerk,) = clerks_of(house, count=1, many=300)
    with ThreadPoolExecutor(1) as pool:
        cut = pool.submit(clerk.confirm_all)
        until(lambda: written_for(clerk) > 20, within=60, saying="some were written")
        house.web.kill()
        assert cut.result()[0].status == 0
    written = written_for(clerk)
    house.web.start()

    repeated, _ = clerk.confirm_all()
    house.python(DUE.format(phones=clerk.phones))  # What the killed one wrote waits for two minutes by itself.

    assert 20 < written < 300
    assert "300 bookings confirmed" in said(repeated)
    until(lambda: len(clerk.sent()) >= 300, within=120, saying="all were told")
    numbers = Counter(one.to for one in house.twilio.arrivals)
    assert set(numbers.values()) == {1}
