"""Messages by the API."""

import base64

import pytest
from sqlalchemy import event

from tests import factories
from tests.api.speaking import Api, fields, problem
from webapp import clock
from webapp.api.fields import cursor_after
from webapp.extensions import db
from webapp.models import ChannelName, Event, MessageStatus


def test_messages_come_newest_first_with_their_booking(api: Api) -> None:
    booking = factories.a_booking()
    ids = [factories.a_message(booking).id for _ in range(3)]

    listed = api.get("/messages").json

    assert [m["id"] for m in listed["messages"]] == ids[::-1]
    assert {m["booking"] for m in listed["messages"]} == {booking.reference}
    assert listed["next"] is None


def test_a_cursor_leads_through_all_pages(api: Api) -> None:
    booking = factories.a_booking()
    ids = [factories.a_message(booking).id for _ in range(101)]

    first = api.get("/messages").json
    second = api.get(f"/messages?cursor={first['next']}").json
    third = api.get(f"/messages?cursor={second['next']}").json

    pages = [first, second, third]
    assert [len(page["messages"]) for page in pages] == [50, 50, 1]
    assert [m["id"] for page in pages for m in page["messages"]] == ids[::-1]
    assert third["next"] is None


def test_a_new_message_does_not_shift_the_next_page(api: Api) -> None:
    booking = factories.a_booking()
    oldest = factories.a_message(booking).id
    for _ in range(50):
        factories.a_message(booking)
    after = api.get("/messages").json["next"]

    factories.a_message(booking)

    assert [m["id"] for m in api.get(f"/messages?cursor={after}").json["messages"]] == [oldest]


@pytest.mark.parametrize(
    ("query", "found"),
    [("status=failed", 1), ("channel=email", 1), ("event=payment_verified", 1), ("status=failed&channel=email", 0),
     ("status=&channel=&event=&cursor=", 3), ("status=waiting", 2)],
)  # fmt: skip
def test_messages_are_filtered(api: Api, query: str, found: int) -> None:
    factories.a_message(status=MessageStatus.FAILED, error_code="30003")
    factories.a_message(channel=ChannelName.EMAIL)
    factories.a_message(event=Event.PAYMENT_VERIFIED)

    assert len(api.get(f"/messages?{query}").json["messages"]) == found


def test_a_cursor_that_names_no_row_is_refused(api: Api) -> None:
    for text in ("0", "-1", str(2**63), "9" * 5000, "x", " 1", "١"):
        cursor = base64.urlsafe_b64encode(text.encode()).decode()

        assert fields(api.get(f"/messages?cursor={cursor}")) == ["cursor"]


def test_an_odd_filter_is_named(api: Api) -> None:
    for query in ("cursor=a", "cursor=%00", "cursor=%F0%9F%8E%89", "cursor=____", "status=lost", "status=FAILED",
                  "channel=fax", "event=%00", "state=failed"):  # fmt: skip
        assert fields(api.get(f"/messages?{query}")) == [query.partition("=")[0]]


def test_a_cursor_may_lie_beyond_all_rows(api: Api) -> None:
    factories.a_message()

    assert len(api.get(f"/messages?cursor={cursor_after(2**63 - 1)}").json["messages"]) == 1


def test_failures_that_somebody_resolved_are_listed_without_the_filter_only(api: Api) -> None:
    factories.a_message(status=MessageStatus.FAILED, error_code="30003", resolved_at=clock.now())

    assert api.get("/messages?status=failed").json["messages"] == []
    assert api.get("/messages").json["messages"][0]["resolved_at"].endswith("Z")


@pytest.mark.usefixtures("answers_stay")
def test_a_page_asks_as_often_however_many_rows_it_has(api: Api) -> None:
    api.get("/messages")  # What is kept is kept now.
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def questions(rows: int) -> int:
        for _ in range(rows):
            factories.a_message(status=MessageStatus.FAILED, error_code="30003")
        asked.clear()
        api.get("/messages?status=failed")
        return sum(statement.startswith("SELECT") for statement in asked)

    assert questions(1) == questions(20) <= 5


@pytest.mark.parametrize("status", ["failed", "skipped", "waiting", "uncertain"])
def test_a_troubled_message_says_why(api: Api, status: str) -> None:
    factories.a_message(status=MessageStatus(status), error_code="30003")

    error = api.get("/messages").json["messages"][0]["error"]

    assert error["code"] == "30003"
    assert error["text"]


def test_a_message_that_arrived_has_no_error(api: Api) -> None:
    factories.a_message(status=MessageStatus.DELIVERED, error_code="30003", attempts_made=2, tries_used=1)

    message = api.get("/messages").json["messages"][0]

    assert message["error"] is None
    assert (message["attempts"], message["tries"]) == (2, 1)


def test_a_failed_message_is_sent_again(api: Api, bells: list[int]) -> None:
    message = factories.a_message(status=MessageStatus.FAILED, error_code="30003", tries_used=4)
    factories.an_attempt(message)

    answer = api.post(f"/messages/{message.id}/retry")

    assert answer.status_code == 200
    assert (answer.json["status"], answer.json["tries"], answer.json["error"]) == ("waiting", 0, None)
    assert answer.json["booking"] == message.reference
    assert bells == [message.guest_id]


@pytest.mark.parametrize("status", [s for s in MessageStatus if s is not MessageStatus.FAILED])
def test_only_a_failed_message_is_sent_again(api: Api, status: MessageStatus) -> None:
    message = factories.a_message(status=status)

    problem(api.post(f"/messages/{message.id}/retry"), 409)


def test_an_unknown_message_is_not_found(api: Api) -> None:
    for message_id in ("999", "0", "-1", str(2**63 - 1), str(2**63), "9" * 5000, "x", "1.5", "%00", "١"):
        problem(api.post(f"/messages/{message_id}/retry", key="k"), 404)


def test_a_retry_takes_no_fields(api: Api) -> None:
    assert fields(api.post("/messages/1/retry", {"force": True})) == ["force"]
