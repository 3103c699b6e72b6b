"""Bodies that cannot be taken: 400, 413, 415 or 422 with the field's name, never a 500."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.speaking import Api, a_body, a_payment, fields, problem

ODD: list[Any] = [None, True, 0, -1, 1.5, 10**400, "", " ", "\x00", "\ud800", "x" * 5000, "' OR 1=1", [], {}, [[]],
                  {"": None}]  # fmt: skip
FIELDS = ["reference", "guest", "service", "starts_at", "party_size", "amount", "currency"]
GUEST_FIELDS = ["name", "phone", "email", "language", "channels"]


def test_what_is_not_json_is_a_bad_request(api: Api) -> None:
    too_deep, too_long = b"[" * 60_000, b'{"n": ' + b"9" * 5000 + b"}"

    for data in (b"", b"no", b"{", b'{"a": }', b"\xff\xfe", b"a=b", b"\x00", too_deep, too_long):
        problem(api.post("/bookings", data=data, content_type="application/json"), 400)


def test_json_that_is_no_object_cannot_be_taken(api: Api) -> None:
    for text in ("[]", '"text"', "1", "null", "true", "[{}]"):
        answer = api.post("/bookings", data=text, content_type="application/json")

        assert fields(answer) == ["body"]


def test_json_under_another_name_is_refused(api: Api) -> None:
    problem(api.post("/bookings", data=json.dumps(a_body()), content_type="text/plain"), 415)


def test_json_without_a_name_is_taken(api: Api) -> None:
    assert api.post("/bookings", data=json.dumps(a_body())).status_code == 201


@pytest.mark.parametrize("repeat_key", [None, "k"])
def test_a_body_that_is_too_large_is_refused(api: Api, repeat_key: str | None) -> None:
    problem(api.post("/bookings", a_body(service="x" * 70_000), key=repeat_key), 413)


@pytest.mark.parametrize(
    ("body", "named"),
    [(a_body(colour="red"), "colour"), (a_body(guest={"age": 4}), "guest.age"), (a_body(status="confirmed"), "status")],
)
def test_an_unknown_field_is_named(api: Api, body: Any, named: str) -> None:
    assert fields(api.post("/bookings", body)) == [named]


@pytest.mark.parametrize("name", ["guest", "service", "starts_at", "amount", "currency"])
def test_a_missing_field_is_named(api: Api, name: str) -> None:
    body = a_body()
    del body[name]

    assert fields(api.post("/bookings", body)) == [name]


def test_all_that_is_wrong_is_named_at_once(api: Api) -> None:
    body = a_body(amount=1, currency="eur", guest={"phone": "12"})

    assert fields(api.post("/bookings", body)) == ["guest.phone", "amount", "currency"]


def named(api: Api, path: str, bodies: Iterable[Any]) -> set[str]:
    """The fields that these bodies are refused for; each must be refused for one."""
    found = set()
    for body in bodies:
        (field,) = fields(api.post(path, body))
        found.add(field)
    return found


def test_an_impossible_phone_is_named(api: Api) -> None:
    typed = ["", "12", "call me", "+1", "+999123456789", "9" * 50, "9" * 500, 14155552671, "\x00"]

    assert named(api, "/bookings", (a_body(guest={"phone": t}) for t in typed)) == {"guest.phone"}


def test_a_malformed_email_is_named(api: Api) -> None:
    typed = ["", "a", "a@", "@b.io", "a b@c.io", "a@b", "a@b.io\nBcc: c@d.io", "x" * 300 + "@b.io", 1]

    assert named(api, "/bookings", (a_body(guest={"email": t}) for t in typed)) == {"guest.email"}


def test_a_guest_needs_an_address(api: Api) -> None:
    assert fields(api.post("/bookings", a_body(guest={"phone": None, "email": None}))) == ["guest.phone"]


def test_an_unknown_channel_is_named(api: Api) -> None:
    given = [["fax"], "sms", [1], [["sms"]], [{}], ["sms"] * 11, {"sms": True}, [None]]

    found = named(api, "/bookings", (a_body(guest={"channels": g}) for g in given))

    assert found == {"guest.channels", "guest.channels.0"}


def test_a_start_needs_a_date_time_and_offset(api: Api) -> None:
    typed = ["2030-03-01T18:00:00", "2030-03-01", "tomorrow", "2030-02-30T18:00:00Z", 1898618400,
             "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "1999-12-31T23:59:59Z",
             "2030-03-01T18:00:00+99:00", "２０３０-03-01T18:00:00Z", "2030-W09-5T18:00:00Z"]  # fmt: skip

    assert named(api, "/bookings", (a_body(starts_at=t) for t in typed)) == {"starts_at"}


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("2030-03-01T18:00Z", "2030-03-01T18:00:00Z"), ("2030-03-01t18:00:00z", "2030-03-01T18:00:00Z"),
     ("2030-03-01 18:00:00.5-0530", "2030-03-01T23:30:00.500000Z")],
)  # fmt: skip
def test_a_start_may_be_written_in_any_offset(api: Api, typed: str, kept: str) -> None:
    assert api.book(starts_at=typed)["starts_at"] == kept


ODD_AMOUNTS = [120, 120.0, "-1", "1.234", "1e3", "NaN", "Infinity", "1,000", "", " 1", "1 ", "1.", ".5", "1" * 10,
               "١٢", "+1", "1\n"]  # fmt: skip


def test_an_amount_is_text_with_two_decimals(api: Api) -> None:
    api.book()

    assert named(api, "/bookings", (a_body(amount=a) for a in ODD_AMOUNTS)) == {"amount"}
    assert named(api, "/bookings/B-7/payments", (a_payment(amount=a) for a in ODD_AMOUNTS)) == {"amount"}


@pytest.mark.parametrize(("typed", "kept"), [("0", "0.00"), ("0.5", "0.50"), ("999999999.99", "999999999.99")])
def test_an_amount_may_be_nothing_or_a_lot(api: Api, typed: str, kept: str) -> None:
    assert api.book(amount=typed)["amount"] == kept


def test_a_payment_is_more_than_nothing(api: Api) -> None:
    api.book()

    assert fields(api.post("/bookings/B-7/payments", a_payment(amount="0.00"))) == ["amount"]


def test_a_party_is_1_to_1000(api: Api) -> None:
    given = [0, -1, 1001, 10**30, "2", 2.0, True]

    assert named(api, "/bookings", (a_body(party_size=g) for g in given)) == {"party_size"}


@pytest.mark.parametrize(
    ("name", "values"),
    [("reference", ["B 7", "", "x" * 41, "B-7\n", "Ä", 7]), ("currency", ["EURO", "eur", "EU1", "EUR\n", ""]),
     ("service", ["", " ", "x" * 201, "\x00"])],
)  # fmt: skip
def test_a_field_of_a_wrong_form_is_named(api: Api, name: str, values: list[Any]) -> None:
    assert named(api, "/bookings", (a_body(**{name: value}) for value in values)) == {name}


@pytest.mark.parametrize(
    ("name", "values"),
    [("name", ["", "  \n", "x" * 201, "A\x00B", "\ud83d", 7]),
     ("language", ["", "e", "../../etc", "en_US", "en-" + "x" * 20, "en\n"])],
)  # fmt: skip
def test_a_guests_field_of_a_wrong_form_is_named(api: Api, name: str, values: list[Any]) -> None:
    assert named(api, "/bookings", (a_body(guest={name: value}) for value in values)) == {f"guest.{name}"}


@pytest.mark.parametrize("step", ["confirm", "decline", "cancel", "verify-payment", "reject-payment"])
def test_a_step_of_a_wrong_form_is_named(api: Api, step: str) -> None:
    api.book()
    path = f"/bookings/B-7/{step}"

    assert named(api, path, ({"version": v} for v in (0, 2**31, "1", True))) == {"version"}
    assert named(api, path, ({"reason": r} for r in (1, "x" * 501, "\x00", "\udfff"))) == {"reason"}


@pytest.mark.both_databases
@pytest.mark.parametrize("name", [*FIELDS, *(f"guest.{field}" for field in GUEST_FIELDS)])
def test_no_value_breaks_the_api(api: Api, name: str) -> None:
    for number, value in enumerate(ODD):
        body, last = a_body(reference=f"B-{number}"), name.rpartition(".")[2]
        (body["guest"] if "." in name else body)[last] = value

        answer = api.post("/bookings", data=json.dumps(body), content_type="application/json", key=f"k{number}")

        assert answer.status_code in {201, 400, 422}, answer.text


@pytest.mark.both_databases
@pytest.mark.parametrize("name", ["\ud800", "\x00", "x" * 5000, "", "a.b", "<script>"], ids=lambda n: ascii(n)[:20])
def test_no_field_name_breaks_the_api(api: Api, name: str) -> None:
    answer = api.post("/bookings", data=json.dumps(a_body() | {name: 1}), content_type="application/json", key="k")

    assert len(fields(answer)[0]) <= 100


def test_an_answer_names_few_of_many_wrong_fields(api: Api) -> None:
    answer = api.post("/bookings", {f"f{n}": 1 for n in range(3000)})

    assert len(fields(answer)) == 20
    assert len(answer.data) < 5000


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


CHANGES, GUESTS = (st.dictionaries(st.sampled_from(names), JSON) for names in (FIELDS, GUEST_FIELDS))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES, guest=GUESTS)
def test_whatever_comes_is_taken_or_refused(api: Api, changes: dict[str, Any], guest: dict[str, Any]) -> None:
    body = a_body() | {"guest": a_body()["guest"] | guest} | changes

    answer = api.post("/bookings", data=json.dumps(body), content_type="application/json")

    assert answer.status_code in {201, 400, 409, 422}, answer.text
