"""Hours that were never counted: an upgraded database, workers that were away, another time zone."""

import pytest
from sqlalchemy import delete, insert, select

from tests.services.figures.test_rollup import HOUR, an_hour_ago, due, fill_all, hours_counted, moment, tally
from webapp import clock
from webapp.database import writing
from webapp.duties import tally_gaps
from webapp.extensions import db
from webapp.models import ChannelName, Event, HourTally
from webapp.services.figures import hours as business_hours
from webapp.services.figures import rollup
from webapp.settings import current

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def test_a_database_of_before_fills_itself_newest_first_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    oldest = an_hour_ago(100)
    due(oldest)
    monkeypatch.setattr(rollup, "FILL_SECONDS", 0)  # One batch a turn.

    turns = []
    while done := rollup.fill():
        turns.append((done, hours_counted()[0]))

    assert [done for done, _ in turns] == [24, 24, 24, 24, 5]
    assert [first for _, first in turns] == sorted((first for _, first in turns), reverse=True)
    assert hours_counted() == list(business_hours.hours(oldest, moment(), current().zone))
    assert tally(oldest).made == 1


def test_an_hour_in_which_workers_were_away_is_filled() -> None:
    due(an_hour_ago(200))
    fill_all()
    away = an_hour_ago(150)
    with writing():
        db.session.execute(delete(HourTally).where(HourTally.hour == away))

    assert rollup.fill() == 1
    assert away in hours_counted()


def test_an_hour_without_messages_is_known_to_be_empty() -> None:
    due(an_hour_ago(3))

    rollup.fill()

    quiet = db.session.scalars(select(HourTally).where(HourTally.hour == an_hour_ago(2))).all()
    assert [row.made for row in quiet] == [0]


def test_an_empty_house_has_its_present_hour_counted() -> None:
    rollup.recount()

    assert hours_counted() == [an_hour_ago(0)]


@pytest.mark.settings(timezone="Asia/Kolkata")
def test_hours_of_another_zone_make_way() -> None:
    """They lie across the new ones: what fell due in them would be counted twice."""
    due(an_hour_ago(4))
    wrong = moment().replace(minute=0, second=0, microsecond=0) - 2 * HOUR
    row = {"hour": wrong, "channel": ChannelName.SMS, "event": Event.TEST, "taken_at": moment(), "waits": []}
    with writing():
        db.session.execute(insert(HourTally).values(row))

    rollup.fill()

    assert wrong not in hours_counted()
    assert {hour.minute for hour in hours_counted()} == {30}


def test_the_duty_rests_once_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    due(an_hour_ago(3))
    turns = [tally_gaps.run(), tally_gaps.run()]
    with writing():
        db.session.execute(delete(HourTally).where(HourTally.hour == an_hour_ago(2)))

    resting = tally_gaps.run()
    later = clock.monotonic() + tally_gaps.REST
    monkeypatch.setattr(clock, "monotonic", lambda: later)

    assert (turns, resting, tally_gaps.run()) == ([4, 0], 0, 1)
