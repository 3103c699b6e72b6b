"""Debian's PgBouncer in front of PostgreSQL: a whole desk on a few connections that all share."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from tests.outages.desk import Desk
from tests.parts.pgbouncer import PgBouncer
from tests.support.processes import Process
from tests.support.servers import Postgres
from tests.support.waiting import until

CLICKS, AT_ONCE = 40, 8  # Psycopg prepares a statement that came five times on a connection.


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """A PostgreSQL that a test may stop."""
    with Postgres() as started:
        yield started


@pytest.fixture(scope="module")
def pooler(server: Postgres) -> Iterator[PgBouncer]:
    with PgBouncer(server, pooling="transaction") as started:
        yield started


def a_desk(folder: Path, server: Postgres, pooler: PgBouncer) -> Desk:
    """A desk whose database is reached through the pooler."""
    server.create_database("desk")
    made = Desk(folder, f"{pooler.url('desk')}?host=")
    made.database.target = pooler.port
    return made


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, server: Postgres, pooler: PgBouncer) -> Iterator[Desk]:
    with a_desk(tmp_path_factory.mktemp("pooled"), server, pooler) as started:
        yield started


def test_clicks_at_once_and_their_messages_all_get_through(desk: Desk) -> None:
    booked = [desk.next_booking() for _ in range(CLICKS)]

    with ThreadPoolExecutor(AT_ONCE) as clerks:
        answers = list(clerks.map(desk.house.confirm, booked))

    assert [answer.status for answer in answers] == [200] * CLICKS
    for reference in booked:
        desk.house.until_settled(reference, sms="delivered", email="sent")
    assert "Traceback" not in desk.house.web.output() + desk.house.worker.output()


def test_pages_open_again_and_again_on_whichever_connection(desk: Desk) -> None:
    pages = ["/bookings", "/messages", "/payments", "/queue", "/queue/history", "/admin/texts", "/admin/audit"] * 8

    with ThreadPoolExecutor(AT_ONCE) as clerks:
        answers = list(clerks.map(lambda path: desk.ask("GET", path, headers=desk.person(signed_in=True)), pages))

    assert [answer.text for answer in answers if answer.status != 200] == []


def test_people_who_add_texts_at_once_wait_for_each_other(desk: Desk) -> None:
    """Its lock is one of the transaction, the only kind that holds behind a pooler."""
    said = desk.house.python(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from flask import current_app\n"
        "from webapp.services.texts import versions\n"
        "from webapp.services.audit import BELLHOP\n"
        "app = current_app._get_current_object()\n"
        "def save(code):\n"
        "    with app.app_context():\n"
        "        return versions.add_language(code, by=BELLHOP)\n"
        "with ThreadPoolExecutor(6) as people:\n"
        "    print('added', *people.map(save, ['fr', 'tr', 'it', 'nl', 'pt', 'pl']))\n"
    )

    assert "added fr tr it nl pt pl" in said


def test_no_limit_of_one_program_is_left_to_the_next(desk: Desk, pooler: PgBouncer) -> None:
    desk.house.confirm(desk.next_booking())
    dsn = f"postgresql://postgres:any@127.0.0.1:{pooler.port}/desk"

    lines = [psycopg.connect(dsn, prepare_threshold=None) for _ in range(8)]
    limits = {(line.execute("SHOW statement_timeout").fetchone() or [""])[0] for line in lines}
    for line in lines:
        line.close()

    assert limits == {"0"}
    assert "through a pooler" in desk.house.flask("doctor", check=False)


def test_the_limits_hold_within_its_transactions(desk: Desk) -> None:
    said = desk.house.python(
        "from sqlalchemy import text\n"
        "from webapp.extensions import db\n"
        "print('limits', db.session.scalar(text('SHOW idle_in_transaction_session_timeout')))\n"
    )

    assert "limits 1min" in said


def test_a_database_that_goes_away_behind_it_is_told_and_comes_back(desk: Desk, server: Postgres) -> None:
    reference = desk.next_booking()
    server.stop()
    until(lambda: desk.ask("GET", "/readyz").status == 503, within=60, saying="it is told to be away")
    refused = desk.house.confirm(reference)
    server.start()

    until(lambda: desk.ask("GET", "/readyz").status == 200, within=120, saying="it is told to be back")
    assert refused.status == 503, refused
    assert desk.house.confirm(reference).status == 200
    desk.house.until_settled(reference, sms="delivered")


def test_statement_pooling_is_refused_in_a_sentence(desk: Desk, server: Postgres) -> None:
    with PgBouncer(server, pooling="statement") as wrong:
        env = desk.house.env | {"DATABASE_URL": wrong.url("desk")}
        command = [desk.house.worker.command[0], "-m", "flask", "--app", "wsgi", "doctor"]
        with Process(command, env, name="doctor", logs=desk.house.folder) as doctor:
            until(lambda: not doctor.is_running, within=120, saying="doctor has ended")

    assert doctor.returncode == 1
    assert "Set pool_mode = transaction there." in doctor.output()
