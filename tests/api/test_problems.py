"""Every error is a problem document."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError

from tests.api.speaking import Api, problem
from webapp.errors import NotAllowed
from webapp.services import bookings


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/bookings", "/api/", "/api/v1/bookings/B-7/confirmation"])
def test_an_unknown_address_is_not_found(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404)


@pytest.mark.parametrize(("method", "path"), [("DELETE", "/bookings/B-7"), ("GET", "/bookings"), ("POST", "/messages"),
                                              ("PUT", "/queue"), ("GET", "/messages/1/retry")])  # fmt: skip
def test_a_wrong_method_is_told_which_are_right(client: FlaskClient, method: str, path: str) -> None:
    answer = client.open(f"/api/v1{path}", method=method)

    problem(answer, 405)
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    ("failure", "status"),
    [(OperationalError("SELECT", {}, Exception("gone")), 503), (RuntimeError("secret"), 500), (NotAllowed(), 403)],
)
def test_a_failure_is_told_without_its_insides(
    api: Api, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int
) -> None:
    def fail(*_: Any) -> None:
        raise failure

    monkeypatch.setattr(bookings, "get", fail)

    document = problem(api.get("/bookings/B-7"), status)

    assert "secret" not in str(document)
    assert "SELECT" not in str(document)


def test_a_database_that_is_away_says_when_to_come_back(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr(bookings, "get", fail)

    assert api.get("/bookings/B-7").headers["Retry-After"] == "5"


def test_answers_are_not_cached(api: Api) -> None:
    assert "no-store" in api.get("/messages").headers["Cache-Control"]
