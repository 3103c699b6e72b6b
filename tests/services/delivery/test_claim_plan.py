"""The lane's statements use the indexes that were made for them, with a backlog of 60,000, as the ORM emits them.

Without `lane_next` SQLite once walked the whole backlog for each claim, and four workers stood still.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Select, case, event, insert, literal, select

from tests.conftest import DEFAULTS
from tests.support.scripted import a_post
from webapp import create_app
from webapp.channels.base import Sighting
from webapp.database import Later
from webapp.extensions import db
from webapp.models import Attempt, ChannelName, Event, Guest, Message
from webapp.services.delivery import claim, lookups, receipts
from webapp.services.messages import fallback
from webapp.settings import Settings

Backlog = Callable[[str], Flask]
GUESTS, WAITING, SETTLED = 10_000, 60_000, 20_000
SOME = 7  # One in so many guests has a message in the air, unknown, or expired: enough rows to make a scan tempting.


def _numbers(to: int) -> Any:
    first = select(literal(0).label("i")).cte("numbers", recursive=True)
    return first.union_all(select(first.c.i + 1).where(first.c.i < to - 1))


def _messages(i: Any, seq: Any, status: Any, **given: Any) -> Select[Any]:
    channel = case((i // GUESTS % 3 == 0, "sms"), (i // GUESTS % 3 == 1, "whatsapp"), else_="email")
    facts = {
        "guest_id": i % GUESTS + 1, "seq": seq, "channel": channel, "status": status, "event": Event.BOOKING_CONFIRMED,
        "language": "en", "to_address": "+14155550001", "reference": "BK-1", "body": "Your booking BK-1 is confirmed.",
        # Half of them are due, and a few have expired.
        "due_at": Later(i / 10.0 - 3000), "expires_at": Later(i * 1.0 - 100), "token": None, "lease_until": None,
    } | given  # fmt: skip
    return select(*[value.label(key) if hasattr(value, "label") else literal(value).label(key)
                    for key, value in facts.items()])  # fmt: skip


def _fill() -> None:
    """10,000 guests with 60,000 waiting messages, some in the air, and 20,000 settled ones with an attempt each."""
    people, waiting, settled = _numbers(GUESTS), _numbers(WAITING), _numbers(SETTLED)
    phone = literal("+1415") + (people.c.i + 5_550_000).cast(Message.to.type)
    _insert(Guest, select((people.c.i + 1).label("id"), phone.label("phone"), literal(100).label("next_seq")))
    _insert(Message, _messages(waiting.c.i, waiting.c.i // GUESTS + 10, "waiting"))
    in_the_air = (settled.c.i < GUESTS) & (settled.c.i % SOME == 0)
    token = literal("t") + settled.c.i.cast(Message.to.type)
    _insert(
        Message,
        _messages(
            settled.c.i, settled.c.i // GUESTS, case((in_the_air, "sending"), else_="sent"), token=token,
            lease_until=case((in_the_air, Later(settled.c.i / 100.0 - 10)), else_=None),
        ),
    )  # fmt: skip
    look = (Message.guest_id % SOME == 1) & (Message.seq == 1)
    _insert(
        Attempt,
        select(
            Message.id.label("message_id"), literal(1).label("number"), Message.token.label("token"),
            literal("twilio").label("provider"), case((look, "unknown"), else_="accepted").label("outcome"),
            case((look, None), else_=Message.token).label("provider_id"),
            case((look, Later(Message.guest_id / 10.0 - 100)), else_=None).label("next_look_at"),
            case((Message.guest_id % SOME == 2, Later(Message.guest_id / 10.0 - 100)), else_=None).label("next_ask_at"),
        ).where(Message.token.is_not(None)),
    )  # fmt: skip
    unreached = _numbers(50)
    failed = {"falls_back": True, "channel": "whatsapp"}
    _insert(Message, _messages(unreached.c.i, unreached.c.i + 100, "failed", **failed))
    db.session.commit()
    if db.engine.dialect.name == "postgresql":  # It does so by itself; SQLite never does.
        db.session.execute(db.text("ANALYZE"))
        db.session.commit()


def _insert(table: Any, rows: Select[Any]) -> None:
    db.session.execute(insert(table).from_select(list(rows.selected_columns.keys()), rows))


@pytest.fixture(scope="session")
def backlog(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Backlog]:
    """An app over a backlog on either database, made once."""
    made: dict[str, Flask] = {}

    def get(dialect: str) -> Flask:
        if dialect not in made:
            url = _copy(request, dialect, tmp_path_factory.mktemp("backlog"))
            made[dialect] = create_app(Settings(_env_file=None, **(DEFAULTS | {"database_url": url})))
            post = a_post()
            post.sms.sightings = post.whatsapp.sightings = [Sighting("SM-new", "sent")]
            made[dialect].extensions["channels"] = post.channels()
            with made[dialect].app_context():
                _fill()
        return made[dialect]

    yield get
    for app in made.values():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _copy(request: pytest.FixtureRequest, dialect: str, folder: Path) -> str:
    if dialect == "sqlite":
        (folder / "backlog.db").write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        return f"sqlite:///{folder / 'backlog.db'}"
    server = request.getfixturevalue("postgres")
    return server.create_database("backlog", template=request.getfixturevalue("migrated_postgresql"))


@contextmanager
def captured() -> Iterator[list[tuple[str, Any]]]:
    """What is sent to the database meanwhile, with its parameters."""
    sent: list[tuple[str, Any]] = []

    def keep(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "WITH")):
            sent.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", keep)
    yield sent
    event.remove(db.engine, "before_cursor_execute", keep)


def plan_of(statement: str, parameters: Any) -> str:
    """How the database would run it."""
    words = "EXPLAIN QUERY PLAN " if db.engine.dialect.name == "sqlite" else "EXPLAIN "
    with db.engine.connect() as connection:
        rows = connection.exec_driver_sql(words + statement, parameters).all()
    return "\n".join(str(row[-1]) for row in rows)


# What runs, the indexes that it must use, and the condition by which an index is searched.
CASES: dict[str, tuple[Callable[[], object], list[str], str]] = {
    "look": (lambda: claim.look(1005), ["open_lane"], "guest_id ="),
    "claim": (lambda: claim.claim(1005, ChannelName.SMS, worker="one"), ["open_lane"], "guest_id ="),
    "ring": (lambda: claim.due_lanes(200), ["due", "open_lane", "one_sending"], "due_at <"),
    "end leases": (lambda: lookups.end_leases(3), ["leased"], "lease_until <"),
    "expire": (lambda: lookups.expire_due(3), ["expiring"], "expires_at <"),
    "look up": (lambda: lookups.look_up_due(3), ["to_look_up"], "next_look_at <"),
    "ask": (lambda: receipts.ask_due(3), ["to_ask"], "next_ask_at <"),
}


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", CASES)
def test_a_statement_of_the_lane_uses_its_index(backlog: Backlog, dialect: str, name: str) -> None:
    run, indexes, searched = CASES[name]
    with backlog(dialect).app_context():
        with captured() as sent:
            assert run(), "there was nothing to find, so nothing is proved"
        plans = {statement: plan_of(statement, parameters) for statement, parameters in sent}
        db.session.remove()

    for statement, plan in plans.items():
        assert "SCAN message" not in plan and "SCAN attempt" not in plan, f"{statement}\n{plan}"
        assert "Seq Scan on message" not in plan and "Seq Scan on attempt" not in plan, f"{statement}\n{plan}"
    together = "\n".join(plans.values())
    assert not [index for index in indexes if not re.search(rf"(INDEX|using) {index}\b", together)], together
    # The rows that may be taken are found by it, not by walking through all that wait.
    first = re.split(r"\n\s*(?:SubPlan|CORRELATED)", together)[0]
    assert re.search(rf"INDEX \w+ \({searched.replace(' ', '')}|Index Cond: \(+{searched}", first), together


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_could_not_be_reached_is_found_by_its_own_index(backlog: Backlog, dialect: str) -> None:
    """It is walked as a whole: it holds nothing else."""
    with backlog(dialect).app_context():
        with captured() as sent:
            assert len(fallback.due(3)) == 3
        plans = [plan_of(statement, parameters) for statement, parameters in sent]
        db.session.remove()

    assert len(plans) == 1 and "falling_back" in plans[0], plans
