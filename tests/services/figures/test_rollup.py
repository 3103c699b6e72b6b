"""Roll-ups by the hour: right for each status, written anew, safe to count again, and filled where they are missing."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from tests.factories import a_booking, a_message, an_attempt
from webapp.database import read_now, writing
from webapp.extensions import db
from webapp.models import AttemptOutcome, BookingStatus, ChannelName, Event, HourTally, Message, MessageStatus
from webapp.services import bookings
from webapp.services.audit import BELLHOP
from webapp.services.figures import hours as business_hours
from webapp.services.figures import rollup, rollup_sql
from webapp.settings import current

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]
HOUR = timedelta(hours=1)


def moment() -> datetime:
    """The database's time."""
    return read_now()


def an_hour_ago(hours: float = 5) -> datetime:
    """When an hour of the business began, some hours ago."""
    return business_hours.hour_of(moment() - hours * HOUR, current().zone)


def due(at: datetime, status: MessageStatus = MessageStatus.SENT, took: float | None = 0.5, **given: Any) -> Message:
    """A message that fell due then, and was taken so many seconds later; None: never."""
    sent_at = None if took is None else at + timedelta(seconds=took)
    return a_message(**({"first_due_at": at, "due_at": at, "status": status, "sent_at": sent_at} | given))


def fill_all() -> None:
    """Fill every gap, however many turns that takes."""
    while rollup.fill():
        pass


def tally(hour: datetime, channel: ChannelName = ChannelName.SMS, event: Event = Event.BOOKING_CONFIRMED) -> HourTally:
    """What was counted."""
    db.session.rollback()
    return db.session.get_one(HourTally, (hour, channel, event), populate_existing=True)


def hours_counted() -> list[datetime]:
    """Every hour that has a row, oldest first."""
    db.session.rollback()
    return sorted(db.session.scalars(select(HourTally.hour).distinct()))


@pytest.mark.parametrize(
    ("status", "columns"),
    [
        (MessageStatus.WAITING, {"open"}),
        (MessageStatus.UNCERTAIN, {"open"}),
        (MessageStatus.SENDING, {"open"}),
        (MessageStatus.SENT, {"sent", "in_time"}),
        (MessageStatus.DELIVERED, {"sent", "delivered", "in_time"}),
        (MessageStatus.READ, {"sent", "delivered", "in_time"}),
        (MessageStatus.FAILED, {"failed"}),
        (MessageStatus.SKIPPED, {"skipped"}),
    ],
)
def test_each_status_has_its_columns(status: MessageStatus, columns: set[str]) -> None:
    hour = an_hour_ago()
    due(hour, status, lease_until=moment() + HOUR)

    rollup.count([hour])

    found = tally(hour)
    names = ("open", "sent", "delivered", "failed", "skipped", "retried", "in_time", "segments")
    assert {name for name in names if getattr(found, name)} == columns
    assert found.made == 1


def test_waits_are_counted_by_their_bounds() -> None:
    hour = an_hour_ago()
    waits = (0.2, 1.0, 1.001, 10.0, 10.001, 59, 3600, 3601)
    for took in waits:
        due(hour, took=took)

    rollup.count([hour])

    assert rollup_sql.BOUNDS == (1, 2, 5, 10, 30, 60, 300, 900, 3600)
    assert tally(hour).waits == [2, 1, 0, 1, 1, 1, 0, 0, 1, 1]
    assert tally(hour).in_time == 4


def test_what_a_person_had_to_send_again_was_not_told_in_time() -> None:
    hour = an_hour_ago()
    due(hour, MessageStatus.DELIVERED, took=1, retried_by="Aisha Bello", attempts_made=2)

    rollup.count([hour])

    assert (tally(hour).in_time, tally(hour).waits[-1], tally(hour).retried) == (0, 1, 1)


def test_an_hour_is_split_by_channel_and_event() -> None:
    hour = an_hour_ago()
    due(hour)
    due(hour, channel=ChannelName.EMAIL)
    due(hour, event=Event.TEST)
    due(hour + HOUR - timedelta(microseconds=1))
    due(hour + HOUR)

    rollup.count([hour])

    assert tally(hour).made == 2
    assert tally(hour, ChannelName.EMAIL).made == 1
    assert tally(hour, event=Event.TEST).made == 1


def test_sms_parts_count_for_each_hand_over_that_a_real_provider_took() -> None:
    hour = an_hour_ago()
    once, twice, never = (due(hour, segments=3) for _ in range(3))
    pretended = due(hour, segments=3, simulated=True)
    for message in (once, twice, twice, pretended):
        an_attempt(message, provider="sandbox" if message is pretended else "twilio")
    an_attempt(never, outcome=AttemptOutcome.PERMANENT, provider_id=None)
    an_attempt(due(hour, channel=ChannelName.WHATSAPP, segments=3))

    rollup.count([hour])

    assert tally(hour).segments == 9
    assert tally(hour, ChannelName.WHATSAPP).segments == 0


def test_an_sms_that_was_refused_later_costs_all_the_same() -> None:
    hour = an_hour_ago()
    refused = due(hour, MessageStatus.FAILED, segments=2)
    an_attempt(refused, outcome=AttemptOutcome.UNKNOWN, receipt="undelivered", receipt_rank=40)

    rollup.count([hour])

    assert (tally(hour).segments, tally(hour).sent, tally(hour).failed) == (2, 0, 1)


def test_a_message_due_later_or_just_now_is_not_counted_yet() -> None:
    hour = an_hour_ago(0)
    due(moment() + HOUR, MessageStatus.WAITING, took=None)
    due(moment() - timedelta(seconds=5), MessageStatus.WAITING, took=None)

    rollup.recount()

    assert sum(db.session.scalars(select(HourTally.made))) == 0
    assert hours_counted()[-1] == hour


def test_a_late_receipt_changes_an_old_hour() -> None:
    hour = an_hour_ago(70)
    message = due(hour)
    fill_all()
    with writing():
        db.session.execute(update(Message).where(Message.id == message.id).values(status=MessageStatus.FAILED))
        db.session.execute(update(HourTally).values(taken_at=moment() - HOUR).where(HourTally.hour == hour))

    rollup.recount()

    assert (tally(hour).sent, tally(hour).failed) == (0, 1)


def test_an_hour_just_counted_is_left_alone_but_for_the_last_two() -> None:
    due(an_hour_ago(30))
    fill_all()
    before = {row.hour: row.taken_at for row in db.session.scalars(select(HourTally))}

    assert rollup.recount() == 2

    db.session.rollback()
    after = {row.hour: row.taken_at for row in db.session.scalars(select(HourTally))}
    assert [hour for hour in sorted(after) if after[hour] != before[hour]] == sorted(after)[-2:]


def test_counting_again_changes_nothing_but_the_time() -> None:
    hour = an_hour_ago()
    for took in (0.3, 4, 40):
        due(hour, took=took)
    rollup.count([hour])
    first = {**vars(tally(hour))}

    rollup.count([hour])

    second = {**vars(tally(hour))}
    for facts in (first, second):
        facts.pop("_sa_instance_state")
    assert first.pop("taken_at") < second.pop("taken_at")
    assert first == second


def test_what_is_gone_is_gone_from_the_hour_too() -> None:
    hour = an_hour_ago()
    due(hour), due(hour, channel=ChannelName.EMAIL)
    rollup.count([hour])
    with writing():
        db.session.execute(delete(Message).where(Message.channel == ChannelName.EMAIL))

    rollup.count([hour])

    assert [row.channel for row in db.session.scalars(select(HourTally))] == [ChannelName.SMS]


def test_an_older_count_takes_no_place_from_a_later_one() -> None:
    """Two workers may count at once, and the one that read first may write last."""
    hour = an_hour_ago()
    due(hour)
    rollup.count([hour])
    later = moment() + HOUR
    with writing():
        db.session.execute(update(HourTally).values(taken_at=later, sent=7))

    rollup.count([hour])

    assert (tally(hour).taken_at, tally(hour).sent) == (later, 7)


def test_many_may_count_at_once(app: Flask) -> None:
    hour = an_hour_ago()
    for channel in ChannelName:
        due(hour, channel=channel)
    failures = in_threads(app, 6, lambda: [rollup.count([hour, hour - HOUR]) for _ in range(5)])

    assert failures == []
    assert [tally(hour, channel).sent for channel in ChannelName] == [1, 1, 1]
    assert hours_counted() == [hour - HOUR, hour]


def in_threads(app: Flask, many: int, work: Callable[[], object]) -> list[Exception]:
    """Do the same in some threads at once; what went wrong."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            with app.app_context():
                work()
        except Exception as failure:  # noqa: BLE001 - it is shown by the test
            failures.append(failure)

    threads = [threading.Thread(target=run) for _ in range(many)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return failures


@pytest.mark.settings(keep_days=1)
def test_a_count_outlives_the_messages_that_were_pruned() -> None:
    hour = an_hour_ago(48)
    due(hour)
    rollup.count([hour])
    with writing():
        db.session.execute(update(HourTally).values(taken_at=datetime(2020, 1, 1, tzinfo=UTC)))
        db.session.execute(delete(Message))

    rollup.recount(), rollup.fill()

    assert tally(hour).made == 1


def test_a_message_of_a_booking_counts_as_the_product_makes_it() -> None:
    """Not by a factory: what the product writes into first_due_at is what is counted."""
    booking = a_booking(BookingStatus.PENDING)
    bookings.confirm(booking, by=BELLHOP, expected_version=booking.version)
    with writing():
        db.session.execute(update(Message).values(first_due_at=moment() - timedelta(minutes=2)))

    rollup.recount()

    counted = db.session.scalars(select(HourTally).where(HourTally.made > 0)).all()
    assert {row.event for row in counted} == {Event.BOOKING_CONFIRMED}
    assert sum(row.open for row in counted) == db.session.query(Message).count()
