"""Who may call."""

import hashlib

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from tests.api.speaking import Api, problem
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.models import Action, ApiKey, Audit
from webapp.services.accounts import api_keys


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Bearer bh_wrong", "Basic dTpw", "bh_only",
                                    "Bearer ÿ", "Bearer a=b, c=d"])  # fmt: skip
def test_a_call_without_a_good_key_is_refused(client: FlaskClient, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}

    answer = client.get("/api/v1/messages", headers=headers)

    problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_good_key_is_let_in(api: Api) -> None:
    assert api.get("/messages").status_code == 200


def test_the_word_bearer_may_be_written_in_any_case(client: FlaskClient, key: str) -> None:
    assert client.get("/api/v1/messages", headers={"Authorization": f"bearer {key}"}).status_code == 200


def test_a_revoked_key_is_refused(api: Api) -> None:
    api_keys.revoke(api_keys.list_all()[0].id)

    problem(api.get("/messages"), 401)


def test_a_refused_call_reads_no_body(client: FlaskClient) -> None:
    problem(client.post("/api/v1/bookings", data=b"x" * 500_000), 401)


def test_a_session_cookie_opens_nothing(front_desk: FlaskClient) -> None:
    problem(front_desk.get("/api/v1/messages"), 401)


def test_only_a_digest_of_a_key_is_kept(key: str) -> None:
    row = api_keys.list_all()[0]

    assert key.startswith("bh_")
    assert len(key) == len("bh_") + 43
    assert row.digest == hashlib.sha256(key.encode()).hexdigest()
    assert api_keys.find(key) == row


@pytest.mark.parametrize("name", ["", "  ", "\x00", "\u200b", "x" * 101])
def test_a_key_needs_a_name(app: object, name: str) -> None:
    with pytest.raises(Invalid):
        api_keys.create(name)


def test_a_key_is_revoked_once(key: str) -> None:
    row_id = db.session.query(ApiKey.id).scalar()
    api_keys.revoke(row_id)

    with pytest.raises(NotFound):
        api_keys.revoke(row_id)


def test_acts_are_recorded_under_the_keys_name(api: Api) -> None:
    api.book()

    made = select(Audit.actor).where(Audit.action == Action.BOOKING_CREATED)
    assert db.session.scalars(made).all() == ["API Booking site"]
