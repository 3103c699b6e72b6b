"""Every list of the board, and each count beside it, walks an index: over 40,000 messages, as the ORM asks for them."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from tests.bench import many_messages
from tests.conftest import DEFAULTS
from tests.services.delivery.test_claim_plan import captured, plan_of
from webapp import clock, create_app
from webapp.extensions import db
from webapp.models import ChannelName, Event, MessageStatus
from webapp.services.board import listing as board
from webapp.services.board.filters import NOT_REACHED, RESOLVED, Filters
from webapp.settings import Settings

MESSAGES = 40_000
Full = Callable[[str], Flask]
FILTERS = {
    "all": Filters(),
    **{status: Filters(status=status) for status in MessageStatus},
    "resolved": Filters(status=RESOLVED),
    "not_reached": Filters(status=NOT_REACHED),
    "channel": Filters(channel=ChannelName.EMAIL),
    "rare": Filters(event=many_messages.RARE),
    "cause": Filters(status=MessageStatus.FAILED, channel=ChannelName.SMS, cause="30006"),
    "never": Filters(status=MessageStatus.DELIVERED, channel=ChannelName.EMAIL, event=Event.BOOKING_CONFIRMED),
    "name": Filters(text="amelia"),
    "phone": Filters(text="4711", status=MessageStatus.FAILED),
    "nobody": Filters(text="nobody"),
}


@pytest.fixture(scope="module")
def full(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """An app over a full board on either database, made once."""
    made: dict[str, Flask] = {}

    def get(dialect: str) -> Flask:
        if dialect not in made:
            url = _copy(request, dialect, tmp_path_factory.mktemp("board"))
            made[dialect] = create_app(Settings(_env_file=None, **(DEFAULTS | {"database_url": url})))
            with made[dialect].app_context():
                many_messages.fill(MESSAGES)
                db.session.remove()
        return made[dialect]

    yield get
    for app in made.values():
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def _copy(request: pytest.FixtureRequest, dialect: str, folder: Path) -> str:
    if dialect == "sqlite":
        (folder / "board.db").write_bytes(request.getfixturevalue("migrated_sqlite").read_bytes())
        return f"sqlite:///{folder / 'board.db'}"
    server = request.getfixturevalue("postgres")
    return str(server.create_database("board", template=request.getfixturevalue("migrated_postgresql")))


def plans(filters: Filters) -> dict[str, str]:
    """How each statement of a page, a page half way back and its counts is run."""
    with captured() as sent:
        for find in (board.page, board.bookings_page):
            find(filters)
            find(filters, before=MESSAGES // 2, tip=MESSAGES)
            find(filters, after=MESSAGES // 2, tip=MESSAGES)
        board.counts(filters)
    found = {statement: plan_of(statement, parameters) for statement, parameters in sent}
    db.session.remove()
    return found


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", FILTERS)
def test_a_list_walks_an_index_and_never_the_table(full: Full, dialect: str, name: str) -> None:
    with full(dialect).app_context():
        found = plans(FILTERS[name])

    assert found
    for statement, plan in found.items():
        # Without a filter the walk goes along the rows themselves, and ends with the page or the look.
        scans = re.findall(r"Seq Scan on message.*|SCAN message(?! USING).*", plan)
        ends = name == "all" and "LIMIT" in statement and "max(" not in statement
        assert not scans or (ends and "Seq Scan" not in plan), f"{statement}\n{plan}"


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_days_are_found_by_their_index(full: Full, dialect: str) -> None:
    day = (clock.now().date().replace(day=1)).isoformat()
    with full(dialect).app_context():
        found = plans(Filters(first=day, last=day, status=MessageStatus.FAILED))

    together = "\n".join(found.values())
    assert "ix_message_first_due_at" in together
    assert "Seq Scan on message" not in together
    assert not re.search(r"SCAN message(?! USING)", together)
