"""While the database does not answer, whoever cannot be loaded is nobody, and every answer is in words."""

import sqlite3
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from flask import Flask, g
from sqlalchemy import event
from sqlalchemy.exc import DataError, IntegrityError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.conftest import Browser
from tests.factories import a_booking
from webapp import faults
from webapp.database import admission, sqlite, writing
from webapp.extensions import db
from webapp.services.queue import banner

WORDS = "The database does not answer"
FREE = ("/healthz", "/assets/desk.css", "/assets/desk.js", "/static/icons.svg")


@pytest.fixture
def statements(app: Flask) -> list[str]:
    """What is asked of the database from now on."""
    seen: list[str] = []
    event.listen(db.engine, "begin", lambda _: seen.append("begin"))
    return seen


@pytest.fixture
def away(app: Flask) -> None:
    """Every statement fails from now on, as where the server has gone."""
    db.session.rollback()
    banner.forget()

    def fail(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    event.listen(db.engine, "before_cursor_execute", fail)
    event.listen(db.engine, "begin", fail)


@pytest.mark.parametrize("path", FREE)
def test_health_and_styles_ask_no_database_whoever_sends_the_cookie(
    admin: Browser, statements: list[str], path: str
) -> None:
    with admin.get(path) as answer:
        assert answer.status_code == 200
    assert statements == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 503), ("GET", "/bookings", 503), ("GET", "/queue", 503), ("GET", "/nothing", 404),
        ("GET", "/bookings/B-1", 503), ("DELETE", "/bookings", 405), ("POST", "/logout", 503), ("GET", "/login", 503),
        ("POST", "/bookings/B-1/confirmation", 503), ("GET", "/healthz", 200), ("GET", "/readyz", 503),
        ("GET", "/assets/desk.css", 200), ("GET", "/metrics", 503), ("POST", "/bookings/B-1/notes", 503),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["plain", "htmx"])
def test_a_signed_in_person_is_answered_in_words(
    admin: Browser, away: None, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    answer = admin.open(path, method=method, headers=headers)

    assert answer.status_code == status, answer.text
    assert status != 503 or path == "/metrics" or WORDS in answer.text
    assert "Internal Server Error" not in answer.text


def test_a_form_without_its_token_is_answered_too(admin: Browser, away: None) -> None:
    answer = admin.post("/bookings/B-1/confirmation", data={"version": "1"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (OperationalError("", {}, psycopg.OperationalError("the connection is lost")), faults.AWAY),
        (OperationalError("", {}, psycopg.errors.AdminShutdown()), faults.AWAY),
        (OperationalError("", {}, psycopg.errors.QueryCanceled()), faults.AWAY),
        (OperationalError("", {}, psycopg.errors.LockNotAvailable()), faults.AWAY),
        (OperationalError("", {}, psycopg.errors.TooManyConnections()), faults.AWAY),
        (OperationalError("", {}, psycopg.errors.DiskFull()), faults.FULL),
        (InternalError("", {}, psycopg.errors.ReadOnlySqlTransaction()), faults.READ_ONLY),
        (InternalError("", {}, psycopg.errors.IdleInTransactionSessionTimeout(), connection_invalidated=True),
         faults.AWAY),
        (PoolTimeout("none is free"), faults.AWAY),
        (IntegrityError("", {}, psycopg.errors.UniqueViolation()), None),
        (DataError("", {}, psycopg.errors.NumericValueOutOfRange()), None),
        (ProgrammingError("", {}, psycopg.errors.UndefinedTable()), None),
        (ValueError("ours"), None),
    ],
)  # fmt: skip
def test_each_error_is_the_fault_that_it_tells_of(error: Exception, found: faults.Fault | None) -> None:
    assert faults.of_error(error) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (sqlite3.SQLITE_FULL, faults.FULL), (sqlite3.SQLITE_READONLY, faults.READ_ONLY),
        (sqlite3.SQLITE_READONLY_DBMOVED, faults.READ_ONLY), (sqlite3.SQLITE_BUSY, faults.AWAY),
        (sqlite3.SQLITE_IOERR_WRITE, faults.AWAY), (sqlite3.SQLITE_CANTOPEN, faults.AWAY),
    ],
)  # fmt: skip
def test_each_code_of_sqlite_is_the_fault_that_it_tells_of(code: int, found: faults.Fault) -> None:
    error = sqlite3.OperationalError("in words")
    error.sqlite_errorcode = code

    assert faults.of_error(OperationalError("", {}, error)) == found


def test_a_full_database_refuses_the_act_lets_read_and_is_told_everywhere(admin: Browser) -> None:
    booking = a_booking()
    _stop_growing()

    refused = [admin.act(f"/bookings/{booking.reference}/notes", text="x" * 2000) for _ in range(9)][-1]

    assert refused.status_code == 503 and "The disk of the database is full. Nothing was changed" in refused.text
    assert "The disk of the database is full" in admin.get("/bookings").text
    assert "The disk of the database is full" in admin.get("/queue").text
    assert admin.get("/readyz").json["status"] == "disk of the database is full"


def _stop_growing() -> None:
    """Allow no page more on any connection that is opened from now on."""
    db.session.rollback()
    db.engine.dispose()
    event.listen(db.engine, "connect", lambda line, _: line.execute("PRAGMA max_page_count = 1"))


def test_an_answer_waits_for_the_lock_once_however_often_it_asks(app: Flask, locked: None) -> None:
    with app.test_request_context():
        first = sqlite.patience()
        with pytest.raises(OperationalError), writing():
            pass

        assert sqlite.patience() <= first and g.waited_in_vain


@pytest.fixture
def no_turn(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Everybody else has a turn."""
    monkeypatch.setattr(admission, "WAIT_SECONDS", 0.1)

    def take() -> None:
        for _ in range(admission.AT_ONCE):
            app.extensions["bellhop_turns"].acquire()

    return take


def test_who_finds_no_turn_is_told_so_and_health_needs_none(front_desk: Browser, no_turn: Callable[[], None]) -> None:
    no_turn()

    refused = front_desk.get("/bookings")

    assert refused.status_code == 503 and "Too many are at work at once" in refused.text
    assert front_desk.get("/healthz").status_code == 200
