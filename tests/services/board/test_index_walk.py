"""The board's walks find what the filters ask for, however they are combined and wherever a walk is cut short."""

import itertools
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.factories import a_booking, a_message
from webapp.database import writing
from webapp.models import BookingStatus, ChannelName, Event, Message, MessageStatus
from webapp.services.board import index_walk
from webapp.services.board.filters import RESOLVED, Filters
from webapp.services.board.index_walk import Stretch

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.both_databases]
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
CODES = ("", "30005", "30006")
ASKED: dict[str, tuple[Any, ...]] = {
    "status": (None, MessageStatus.FAILED, MessageStatus.SENT, MessageStatus.READ, RESOLVED),
    "channel": (None, ChannelName.SMS),
    "event": (None, Event.PAYMENT_VERIFIED),
    "cause": ("", "30005"),
    "text": ("", "FIND"),
    "first": ("", "2026-11-21"),
    "last": ("", "2026-11-22"),
}
EVERY = [Filters(**dict(zip(ASKED, values, strict=True))) for values in itertools.product(*ASKED.values())]


@pytest.fixture
def mixed() -> list[Message]:
    """Messages of all kinds over four days, of bookings that a search finds and others, in the order of their ids."""
    dice = random.Random(11)
    bookings = [
        a_booking(BookingStatus.CONFIRMED, reference=f"{word}-{n}") for word in ("FIND", "OTHER") for n in "123"
    ]
    made = []
    for number in range(60):
        status = dice.choice((MessageStatus.FAILED, MessageStatus.FAILED, MessageStatus.SENT, MessageStatus.WAITING))
        message = a_message(
            dice.choice(bookings), status=status, channel=dice.choice(list(ChannelName)), error_code=dice.choice(CODES),
            event=dice.choice((Event.BOOKING_CONFIRMED, Event.PAYMENT_VERIFIED)),
            first_due_at=NOON + timedelta(hours=1.6 * number),
        )  # fmt: skip
        if message.status is MessageStatus.FAILED and dice.random() < 0.4:
            with writing():
                message.resolved_at = NOON
        made.append(message)
    return made


def fits(message: Message, filters: Filters) -> bool:
    """What the filters ask, said a second time."""
    first, last = filters.span
    due = message.first_due_at
    assert due
    return all((
        filters.status in (None, RESOLVED, message.status),
        filters.status is not MessageStatus.FAILED or message.resolved_at is None,
        filters.status != RESOLVED or message.resolved_at is not None,
        filters.channel in (None, message.channel),
        filters.event in (None, message.event),
        filters.cause in ("", message.error_code),
        message.reference.startswith(filters.text),
        first is None or due >= first,
        last is None or due < last,
    ))  # fmt: skip


def everything(filters: Filters, *, rises: bool = False, tip: int | None = None, most: int = 7) -> list[int]:
    """All that a walk finds, a few at a time, and going on wherever it was cut short."""
    found: list[int] = []
    place: int | None = None
    for _ in range(200):
        stretch = Stretch(above=place, rises=True) if rises else Stretch(below=place)
        part = index_walk.find(filters, stretch, most, tip=tip)
        found += part.ids
        place = part.ids[-1] if len(part.ids) == most else part.reached
        if place is None:
            return found
    raise AssertionError("the walk does not end")


def _ids(messages: Sequence[Message], filters: Filters) -> list[int]:
    return [message.id for message in messages if fits(message, filters)]


def test_filters_find_the_same_however_they_are_combined(mixed: list[Message], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_walk, "LOOK", 9)
    monkeypatch.setattr(index_walk, "PROBE", 3)

    for filters in EVERY:
        wanted = _ids(mixed, filters)
        assert everything(filters) == wanted[::-1], filters
        assert everything(filters, rises=True) == wanted, filters


def test_of_each_booking_its_newest_that_matches_is_found_once(
    mixed: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_walk, "LOOK", 9)
    tip = mixed[-8].id

    for filters in EVERY:
        newest = {message.booking_id: message.id for message in mixed if fits(message, filters) and message.id <= tip}
        below = index_walk.find(filters, Stretch(below=tip + 1), 100, tip=tip)
        assert below.ids == sorted(newest.values(), reverse=True)[: len(below.ids)], filters
        assert below.reached or len(below.ids) == len(newest), filters


def test_a_search_that_fits_many_bookings_walks_their_messages(
    mixed: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_walk, "FEW", 1)

    for filters in (one for one in EVERY if one.text):
        assert everything(filters) == _ids(mixed, filters)[::-1], filters


def test_the_way_with_the_fewest_rows_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_walk, "PROBE", 2)
    monkeypatch.setattr(index_walk, "LOOK", 4)
    rare = [a_message(status=MessageStatus.SENT, event=Event.PAYMENT_REVERSED) for _ in range(2)]
    for _ in range(10):
        a_message(status=MessageStatus.SENT)

    found = index_walk.find(Filters(status=MessageStatus.SENT, event=Event.PAYMENT_REVERSED), Stretch(), 3)

    assert (found.ids, found.reached) == ([rare[1].id, rare[0].id], None)


@pytest.mark.settings(timezone="Asia/Tokyo")
def test_a_day_is_the_businesss_own() -> None:
    midnight = datetime(2026, 11, 20, 15, tzinfo=UTC)  # In Tokyo the 21st begins.
    late, first = (a_message(first_due_at=midnight + timedelta(seconds=s)) for s in (-1, 0))
    last, next_day = (a_message(first_due_at=midnight + timedelta(days=1, seconds=s)) for s in (-1, 0))

    assert everything(Filters(first="2026-11-21", last="2026-11-21")) == [last.id, first.id]
    assert everything(Filters(last="2026-11-20")) == [late.id]
    assert everything(Filters(first="2026-11-22")) == [next_day.id]


def test_days_find_what_fell_due_out_of_order() -> None:
    """A page's act is held back some seconds, and then numbered before what went out at once."""
    held = a_message(first_due_at=NOON + timedelta(hours=12, seconds=5))
    at_once = a_message(first_due_at=NOON + timedelta(hours=12, seconds=-3))

    assert everything(Filters(last="2026-11-20")) == [at_once.id]
    assert everything(Filters(first="2026-11-21")) == [held.id]


@pytest.mark.parametrize("days", [("soon", ""), ("2026-11-22", "2026-11-21"), ("", "0001-01-01"), ("", "2026-02-30")])
def test_days_that_cannot_be_meant_find_nothing(days: tuple[str, str]) -> None:
    a_message(first_due_at=NOON)

    assert everything(Filters(first=days[0], last=days[1])) == []


@pytest.mark.parametrize("days", [("2027-01-01", ""), ("", "2025-01-01")])
def test_days_without_messages_find_nothing_at_once(days: tuple[str, str]) -> None:
    a_message(first_due_at=NOON)

    assert index_walk.find(Filters(first=days[0], last=days[1]), Stretch(), 9) == index_walk.Found([])
