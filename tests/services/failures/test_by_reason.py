"""Failures by their cause: grouped on one index, counted with care, in an order that keeps still."""

import pytest
from sqlalchemy import Select, text

from tests.factories import a_booking, a_message
from webapp.extensions import db
from webapp.models import BatchKind, BookingStatus, ChannelName, Message, MessageStatus
from webapp.services.audit import Actor
from webapp.services.failures import by_reason, resolve, selection

both = pytest.mark.both_databases
pytestmark = pytest.mark.usefixtures("app")


def failed(code: str, channel: ChannelName = ChannelName.SMS, **given: object) -> Message:
    return a_message(status=MessageStatus.FAILED, error_code=code, channel=channel, **given)


def found(*order: str) -> list[tuple[str, int, int]]:
    by_reason.forget()
    return [(cause.key, cause.messages, cause.guests) for cause in by_reason.find(order).shown]


@both
def test_the_commonest_cause_comes_first_with_its_guests() -> None:
    booking = a_booking(BookingStatus.CONFIRMED)
    for given in ({"booking": booking}, {"booking": booking}, {}):
        failed("21614", **given)
    failed("550", ChannelName.EMAIL)

    assert found() == [("sms:21614", 3, 2), ("email:550", 1, 1)]


@both
def test_a_cause_by_which_guests_were_not_reached_comes_before_a_commoner_one() -> None:
    for _ in range(2):
        booking = a_booking(BookingStatus.CONFIRMED)
        failed("63003", ChannelName.WHATSAPP, booking=booking)
        a_message(booking, channel=ChannelName.EMAIL, status=MessageStatus.SENT)
    lost = a_booking(BookingStatus.CONFIRMED, name="Kwame Boateng")
    failed("21614", booking=lost)

    by_reason.forget()
    first, second = by_reason.find().shown

    assert (first.key, first.guests, first.unreached, first.guest) == ("sms:21614", 1, 1, "Kwame Boateng")
    assert (second.key, second.guests, second.unreached, second.guest) == ("whatsapp:63003", 2, 0, "")


@both
def test_what_is_resolved_or_not_failed_does_not_count() -> None:
    resolve.resolve(failed("30005"), by=Actor("Ada"), token="")
    a_message(error_code="30005")

    assert found() == []
    assert by_reason.find().messages == 0


@both
def test_a_cause_knows_its_oldest_and_newest_and_its_only_message() -> None:
    first, last, alone = failed("30005"), failed("30005"), failed("30006")

    by_reason.forget()
    many, one = by_reason.find().shown

    assert (many.oldest, many.newest, many.only) == (first.created_at, last.created_at, None)
    assert one.only is not None and one.only.id == alone.id


@both
def test_guests_are_counted_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_reason, "OF_ONE", 2)
    for _ in range(3):
        failed("30005")

    by_reason.forget()
    cause = by_reason.find().shown[0]

    assert (cause.messages, cause.guests, cause.more_guests) == (3, 2, True)


def test_rarer_causes_are_named_by_their_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_reason, "SHOWN", 1)
    for code in ("30005", "30005", "30006", "30007"):
        failed(code)

    by_reason.forget()

    assert (by_reason.find().others, by_reason.find().messages) == (2, 4)


def test_an_open_page_keeps_its_order_and_what_was_dealt_with() -> None:
    for code in ("30005", "30006", "30006", "30007"):
        failed(code)

    assert found("sms:30005", "sms:99999", "sms:30006", "fax:1") == [
        ("sms:30005", 1, 1),
        ("sms:99999", 0, 0),
        ("sms:30006", 2, 2),
        ("sms:30007", 1, 1),
    ]


@pytest.mark.parametrize(
    ("statement", "plan"),
    [
        (by_reason.by_cause(), "SCAN message USING INDEX failures_by_cause"),
        (by_reason._guests_of(ChannelName.SMS, "30005", 9), "SEARCH message USING INDEX failures_by_cause ("),
        (
            selection.failures(BatchKind.RETRY, {"channel": "sms", "cause": "1"}),
            "SEARCH message USING INDEX failures_by_cause (",
        ),
        (selection.failures(BatchKind.RESOLVE, {}), "SCAN message USING INDEX failures"),
        (selection.failures(BatchKind.REOPEN, {}), "SEARCH message USING INDEX ix_message_status_id (status=?)"),
    ],
    ids=["causes", "guests", "one-cause", "all-failures", "all-resolved"],
)
def test_each_statement_walks_unresolved_failures_only(statement: Select[int], plan: str) -> None:
    sql = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))

    steps = [row[3] for row in db.session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]

    assert next(step for step in steps if " message" in step).startswith(plan)
    assert not any("TEMP B-TREE FOR GROUP BY" in step for step in steps)
