"""The delivery board's reads: filters, pages, counts, and plans that stay on an index."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from tests.factories import a_booking, a_message, an_attempt
from webapp.database import now, writing
from webapp.extensions import db
from webapp.models import BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services.board import index_walk, listing
from webapp.services.board import listing as board
from webapp.services.board.filters import NOT_REACHED, RESOLVED, Filters

pytestmark = pytest.mark.usefixtures("app")
both = pytest.mark.both_databases


def found(filters: Filters, **place: Any) -> list[int]:
    return [message.id for message in board.page(filters, **place).messages]


@contextmanager
def plans() -> Iterator[list[str]]:
    """How SQLite finds the rows of each query that runs meanwhile."""
    seen: list[tuple[str, Any]] = []
    steps: list[str] = []
    event.listen(
        db.engine, "before_cursor_execute", lambda c, u, sql, args, x, m: seen.append((sql, args)), named=False
    )
    yield steps
    for sql, args in seen:
        if sql.startswith("SELECT"):
            steps += [row[3] for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", args)]


@both
def test_messages_come_newest_first() -> None:
    first, second = a_message(), a_message()

    assert found(Filters()) == [second.id, first.id]


@both
@pytest.mark.parametrize(
    "filters",
    [
        Filters(status=MessageStatus.FAILED),
        Filters(channel=ChannelName.EMAIL),
        Filters(event=Event.PAYMENT_VERIFIED),
        Filters(status=MessageStatus.FAILED, channel=ChannelName.EMAIL, event=Event.PAYMENT_VERIFIED, text="BK-"),
    ],
)
def test_filters_narrow(filters: Filters) -> None:
    a_message()
    wanted = a_message(status=MessageStatus.FAILED, channel=ChannelName.EMAIL, event=Event.PAYMENT_VERIFIED)

    assert found(filters) == [wanted.id]


@both
@pytest.mark.parametrize("typed", ["XY-7", "xy-77", "Zoë", "zoË B", "zoe@guests.example", "0184", "7700 900184"])
def test_a_search_finds_by_reference_name_mail_and_last_digits(typed: str) -> None:
    a_message()
    booking = a_booking(reference="XY-77", name="Zoë Brännström", email="zoe@guests.example", phone="+447700900184")
    wanted = a_message(booking)

    assert found(Filters(text=typed)) == [wanted.id]


@both
@pytest.mark.parametrize("typed", ["%", "_", "X%7", "' OR 1=1 --", "\\", "zzz", "🌊", "\U0010ffff"])
def test_a_search_that_fits_nothing_finds_nothing(typed: str) -> None:
    a_message(a_booking(reference="XY-77"))

    assert found(Filters(text=typed)) == []


@both
def test_a_search_finds_a_test_message_by_its_reference() -> None:
    wanted = a_message(booking_id=None, reference="TEST-AB12", event=Event.TEST)

    assert found(Filters(text="test-ab")) == [wanted.id]


@both
def test_a_search_that_fits_very_many_bookings_goes_on_working(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_walk, "FEW", 1)
    wanted = [a_message(a_booking(reference=f"XY-{n}")).id for n in range(3)]
    a_message()

    assert found(Filters(text="XY-")) == wanted[::-1]


def test_what_an_address_names_wrongly_narrows_nothing() -> None:
    read = Filters.read({"status": "gone", "channel": "fax", "event": "", "q": " BK-1\x00 "})

    assert read == Filters(text="BK-1")


def test_an_address_keeps_the_filters_that_it_does_not_change() -> None:
    filters = Filters(MessageStatus.FAILED, ChannelName.SMS, None, "BK")

    assert filters.query(channel=None) == {"status": "failed", "q": "BK"}


@both
def test_pages_go_on_from_ids_and_back_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    ids = [a_message().id for _ in range(5)][::-1]

    first = board.page(Filters())
    second = board.page(Filters(), before=first.older_than)
    third = board.page(Filters(), before=second.older_than)
    back = board.page(Filters(), after=second.newer_than)

    assert [[m.id for m in page.messages] for page in (first, second, third, back)] == [
        ids[:2], ids[2:4], ids[4:], ids[:2],
    ]  # fmt: skip
    assert (first.newer_than, third.older_than, back.newer_than) == (None, None, None)


@both
def test_a_page_stays_the_same_while_messages_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "PAGE", 2)
    ids = [a_message().id for _ in range(3)][::-1]
    first = board.page(Filters())

    a_message()

    assert found(Filters(), before=first.older_than) == ids[2:]


def shown(filters: Filters, status: MessageStatus) -> str:
    """A count as its chip shows it."""
    return str(board.counts(filters)[status])


@both
def test_counts_stand_beside_what_few_messages_are_in() -> None:
    for status in (MessageStatus.FAILED, MessageStatus.UNCERTAIN, MessageStatus.SENT):
        a_message(status=status)

    counts = board.counts(Filters())

    assert list(counts) == list(board.STATUSES)
    assert {status: str(count) for status, count in counts.items() if count} == {
        NOT_REACHED: "1", MessageStatus.FAILED: "1", MessageStatus.WAITING: "0", MessageStatus.SENDING: "0",
        MessageStatus.UNCERTAIN: "1",
    }  # fmt: skip


@both
def test_a_resolved_failure_is_neither_counted_nor_listed_as_one() -> None:
    message = a_message(status=MessageStatus.FAILED)
    with writing():
        message.resolved_at = now()

    assert shown(Filters(), MessageStatus.FAILED) == "0"
    assert found(Filters(status=MessageStatus.FAILED)) == []
    assert found(Filters(status=RESOLVED)) == found(Filters()) == [message.id]


@both
def test_counts_follow_the_other_filters_up_to_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    for channel in (ChannelName.SMS, ChannelName.SMS, ChannelName.SMS, ChannelName.EMAIL):
        a_message(channel=channel)

    assert shown(Filters(), MessageStatus.WAITING) == "4"
    assert shown(Filters(channel=ChannelName.SMS), MessageStatus.WAITING) == "3"
    assert set(board.counts(Filters(text="BK")).values()) == {None}
    monkeypatch.setattr(listing, "MANY", 2)
    assert shown(Filters(channel=ChannelName.EMAIL), MessageStatus.WAITING) == "1+"
    assert shown(Filters(), MessageStatus.WAITING) == "2+"


@both
def test_what_fails_late_is_news_of_the_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    old = a_message()
    filters, newest = Filters(status=MessageStatus.FAILED), a_message(status=MessageStatus.FAILED).id
    had = board.how_many(filters, board.counts(filters))
    with writing():
        db.session.get_one(Message, old.id).status = MessageStatus.FAILED

    assert board.newer(filters, newest) == 0
    assert board.news(filters, newest, had, board.counts(filters)) == 1


@both
def test_news_are_what_came_after_an_id_and_fits() -> None:
    old = a_message()
    a_message()
    a_message(channel=ChannelName.EMAIL)

    single = Filters(view="messages")
    assert board.newer(single, old.id) == 2
    assert board.newer(replace(single, channel=ChannelName.EMAIL), old.id) == 1


def test_a_list_of_attempts_names_their_messages() -> None:
    attempt = an_attempt(a_message())

    assert board.by_token([attempt.token, "unknown"]) == {attempt.token: attempt.message_id}


@pytest.mark.parametrize(
    "filters",
    [Filters(), *(Filters(status=s) for s in MessageStatus), Filters(channel=ChannelName.SMS), Filters(text="BK-10")],
    ids=lambda f: "-".join(f.query().values()) or "all",
)
def test_no_page_and_no_count_walks_the_whole_table(filters: Filters) -> None:
    a_message(a_booking(BookingStatus.CONFIRMED, reference="BK-1099", starts_in=timedelta(days=1)))

    with plans() as steps:
        board.page(filters)
        board.page(filters, before=99)
        board.counts(filters)

    assert steps
    # The walk along the ids ends with the page, where nothing is filtered out; the one along the failures is of few.
    scans = {step for step in steps if step.startswith("SCAN message")} - {"SCAN message USING INDEX failures"}
    assert scans <= ({"SCAN message"} if filters == Filters() else set())
    # Of guests who were not reached the bookings are told apart, among MANY at most.
    sorts = [step for step in steps if "TEMP B-TREE" in step and "count(DISTINCT)" not in step]
    assert not sorts or filters.text
