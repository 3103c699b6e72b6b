"""Idempotency-Key: a repeat gets the first answer, and nothing happens twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError

from tests import factories
from tests.api.speaking import Api, a_body, a_payment, fields, problem
from webapp.database import later, writing
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.models import ApiKey, Audit, Booking, KeptAnswer, Message, MessageStatus, Payment
from webapp.services import bookings, idempotency, payments
from webapp.services.accounts import api_keys
from webapp.services.idempotency import Held


def count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalars(select(func.count()).select_from(table)).one()


def age(seconds: float) -> None:
    """Make all kept rows older."""
    with writing():
        db.session.execute(update(KeptAnswer).values(created_at=later(-seconds)))


def die(*_: Any, **__: Any) -> None:
    """As a process that is killed: no handler runs, no answer is kept."""
    raise SystemExit


def hold_as_the_first(api: Api) -> None:
    """Begin a request and get no further."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bookings, "create", die)
        with pytest.raises(SystemExit):
            api.post("/bookings", a_body(), key="k")


def test_a_repeat_gets_the_first_answer(api: Api) -> None:
    first = api.post("/bookings", a_body(reference=None), key="k")

    again = api.post("/bookings", a_body(reference=None), key="k")

    assert (again.status_code, again.data, again.mimetype) == (201, first.data, first.mimetype)
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    assert count(Booking) == 1


def test_without_a_key_two_posts_are_two_bookings(api: Api) -> None:
    api.book(reference=None)
    api.book(reference=None)

    assert count(Booking) == 2


def test_a_repeat_gets_the_first_answer_although_the_booking_went_on(api: Api) -> None:
    api.book()
    first = api.post("/bookings/B-7/confirm", key="k")
    api.post("/bookings/B-7/cancel")

    assert api.post("/bookings/B-7/confirm", key="k").data == first.data


def test_a_repeated_refusal_is_the_same_refusal(api: Api) -> None:
    first = problem(api.post("/bookings/B-7/confirm", key="k"), 404)
    api.book()

    assert problem(api.post("/bookings/B-7/confirm", key="k"), 404) == first


def test_another_body_under_the_same_key_is_refused(api: Api) -> None:
    api.post("/bookings", a_body(), key="k")

    assert fields(api.post("/bookings", a_body(amount="1.00"), key="k")) == ["Idempotency-Key"]


def test_a_key_counts_for_its_path_only(api: Api) -> None:
    api.post("/bookings", a_body(), key="k")

    assert api.post("/bookings/B-7/payments", a_payment(), key="k").status_code == 201
    assert api.post("/bookings/B-7/confirm", key="k").json["status"] == "confirmed"


def test_a_key_counts_for_its_caller_only(api: Api) -> None:
    api.post("/bookings", a_body(), key="k")
    other = Api(api.client, api_keys.create("Another site"))

    problem(other.post("/bookings", a_body(), key="k"), 409)


def test_a_repeat_waits_for_the_first(api: Api) -> None:
    hold_as_the_first(api)

    assert "still running" in problem(api.post("/bookings", a_body(), key="k"), 409)["detail"]
    assert count(Booking) == 0


def test_a_first_that_died_does_not_block_for_ever(api: Api) -> None:
    hold_as_the_first(api)
    age(61)

    assert api.post("/bookings", a_body(), key="k").status_code == 201


def test_of_many_repeats_after_a_death_one_goes_on(key: str) -> None:
    body = {"api_key_id": db.session.scalars(select(ApiKey.id)).one(), "path": "/p", "key": "k", "body": b"{}"}
    idempotency.hold(**body)
    age(61)

    assert isinstance(idempotency.hold(**body), Held)
    with pytest.raises(Conflict):
        idempotency.hold(**body)


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("path", "body", "table", "status"),
    [("/bookings", a_body(reference=None), Booking, 201),
     ("/bookings/B-9/payments", a_payment(reference="TX-2"), Payment, 201),
     ("/bookings/B-9/confirm", None, Message, 200), ("/bookings/B-9/verify-payment", None, Message, 200)],
)  # fmt: skip
def test_an_act_whose_answer_was_lost_is_not_made_again(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str, body: Any, table: Any, status: int
) -> None:
    api.book(reference="B-9")
    api.pay("B-9")
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", die)
        with pytest.raises(SystemExit):
            api.post(path, body, key="k")
    rows, acts = count(table), count(Audit)
    age(61)

    answer = api.post(path, body, key="k")

    assert answer.status_code == status, answer.text
    assert answer.headers["Idempotent-Replayed"] == "true"
    assert (count(table), count(Audit)) == (rows, acts)
    assert api.post(path, body, key="k").data == answer.data


def test_a_retry_whose_answer_was_lost_is_not_made_again(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    message = factories.a_message(status=MessageStatus.FAILED)
    factories.an_attempt(message)
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "keep", die)
        with pytest.raises(SystemExit):
            api.post(f"/messages/{message.id}/retry", key="k")
    age(61)

    answer = api.post(f"/messages/{message.id}/retry", key="k")

    assert (answer.status_code, answer.json["id"], answer.json["status"]) == (200, message.id, "waiting")


def test_a_failure_of_ours_frees_the_key_at_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("locked"))

    with monkeypatch.context() as patch:
        patch.setattr(bookings, "create", fail)
        problem(api.post("/bookings", a_body(), key="k"), 503)

    assert api.post("/bookings", a_body(), key="k").status_code == 201


def test_a_failure_after_the_act_does_not_make_it_twice(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.book()
    submit = payments.submit

    def submit_and_fail(*given: Any, **named: Any) -> None:
        submit(*given, **named)
        raise OperationalError("SELECT", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(payments, "submit", submit_and_fail)
        problem(api.post("/bookings/B-7/payments", a_payment(), key="k"), 503)

    assert api.post("/bookings/B-7/payments", a_payment(), key="k").status_code == 201
    assert count(Payment) == 1


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("UPDATE", {}, Exception("locked"))

    monkeypatch.setattr(idempotency, "keep", fail)

    assert api.post("/bookings", a_body(), key="k").status_code == 201


def test_a_key_may_be_used_again_after_a_day(api: Api) -> None:
    api.book()
    api.post("/bookings/B-7/payments", a_payment(), key="k")
    age(86_401)

    assert api.post("/bookings/B-7/payments", a_payment(reference="TX-2"), key="k").status_code == 201
    assert count(Payment) == 2


def test_answers_older_than_a_day_are_forgotten(app: Flask, api: Api) -> None:
    api.post("/bookings", a_body(), key="old")
    age(86_401)
    api.post("/bookings", a_body(), key="new")

    assert idempotency.forget_old() == 1
    assert count(KeptAnswer) == 1


@pytest.mark.both_databases
def test_of_many_posts_at_once_one_is_worked_on(app: Flask, api: Api) -> None:
    def post(_: int) -> int:
        return int(Api(app.test_client(), api.key).post("/bookings", a_body(reference=None), key="k").status_code)

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(post, range(8)))

    assert 201 in statuses <= {201, 409}
    assert count(Booking) == 1


@pytest.mark.parametrize("odd", ["", "x" * 201, "é", "a\tb"])
def test_a_key_of_a_wrong_form_is_named(api: Api, odd: str) -> None:
    assert fields(api.post("/bookings", a_body(), key=odd)) == ["Idempotency-Key"]


def test_a_get_takes_no_notice_of_a_key(api: Api) -> None:
    api.headers["Idempotency-Key"] = "k"

    assert api.get("/messages").status_code == 200
    assert count(KeptAnswer) == 0


def test_a_refused_caller_holds_no_key(api: Api) -> None:
    api.headers["Authorization"] = "Bearer bh_wrong"

    problem(api.post("/bookings", a_body(), key="k"), 401)

    assert count(KeptAnswer) == 0
