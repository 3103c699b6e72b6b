"""Speaking to the API in tests: calls with a key, good bodies, and reading problem documents."""

from typing import Any

from flask.testing import FlaskClient


class Api:
    """Calls the API with a key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client, self.key = client, key
        self.headers = {"Authorization": f"Bearer {key}"}

    def get(self, path: str) -> Any:
        return self.client.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any = None, *, key: str | None = None, **raw: Any) -> Any:
        """Post JSON, or with `data=` anything; `key` is an Idempotency-Key."""
        headers = self.headers | ({} if key is None else {"Idempotency-Key": key})
        given = raw or ({} if body is None else {"json": body})
        return self.client.post(f"/api/v1{path}", headers=headers, **given)

    def book(self, **changes: Any) -> Any:
        """Take a booking; its JSON."""
        answer = self.post("/bookings", a_body(**changes))
        assert answer.status_code == 201, answer.text
        return answer.json

    def pay(self, reference: str, amount: str = "120.00") -> Any:
        """Submit a payment; the booking's JSON."""
        answer = self.post(f"/bookings/{reference}/payments", a_payment(amount=amount))
        assert answer.status_code == 201, answer.text
        return answer.json


def a_body(*, guest: Any = None, **changes: Any) -> dict[str, Any]:
    """The body of a new booking; a change to None leaves the field out."""
    person = {"name": "Amelia Chen", "phone": "+14155552671", "email": "amelia@example.com"} | (guest or {})
    body: dict[str, Any] = {
        "reference": "B-7", "service": "Deluxe room", "starts_at": "2030-03-01T18:00:00+01:00",
        "amount": "120.00", "currency": "EUR", "guest": _without_none(person),
    }  # fmt: skip
    return _without_none(body | changes)


def a_payment(**changes: Any) -> dict[str, Any]:
    """The body of a payment."""
    return _without_none({"method": "Bank transfer", "amount": "120.00", "reference": "TX-1"} | changes)


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def problem(answer: Any, status: int) -> Any:
    """The problem document of an answer, checked to be one."""
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    assert answer.json["status"] == status
    assert {"type", "title", "detail"} <= answer.json.keys()
    return answer.json


def fields(answer: Any) -> list[str]:
    """The fields that a 422 names."""
    return [error["field"] for error in problem(answer, 422)["errors"]]
