"""Hours and days of the business's zone, where clocks are odd too."""

from datetime import UTC, date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from webapp.services.figures import hours as business_hours
from webapp.services.figures.hours import HOUR

PARIS, KOLKATA, LORD_HOWE = ZoneInfo("Europe/Paris"), ZoneInfo("Asia/Kolkata"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("day", "zone", "many"),
    [
        (date(2026, 3, 28), PARIS, 24),
        (date(2026, 3, 29), PARIS, 23),
        (date(2026, 10, 25), PARIS, 25),
        (date(2026, 10, 25), KOLKATA, 24),
        (date(2026, 9, 6), ZoneInfo("America/Santiago"), 23),  # The clock jumps from midnight to one.
        (date(2026, 4, 5), LORD_HOWE, 25),  # It goes back by half an hour: the last one is half an hour long.
    ],
)
def test_a_day_has_as_many_hours_as_its_clock_shows(day: date, zone: ZoneInfo, many: int) -> None:
    begun, ended = business_hours.midnight(day, zone), business_hours.midnight(day.replace(day=day.day + 1), zone)

    hours = [hour for hour in business_hours.hours(begun, ended, zone) if hour < ended]

    assert len(hours) == many
    assert hours[0] == begun and business_hours.next_hour(hours[-1], zone) == ended
    assert {business_hours.day_of(hour, zone) for hour in hours} == {day}


def test_an_hour_begins_where_the_business_says_so() -> None:
    moment = datetime(2026, 11, 24, 18, 45, tzinfo=UTC)

    assert business_hours.hour_of(moment, PARIS) == datetime(2026, 11, 24, 18, tzinfo=UTC)
    assert business_hours.hour_of(moment, KOLKATA) == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)
    assert business_hours.midnight(date(2026, 11, 25), KOLKATA) == datetime(2026, 11, 24, 18, 30, tzinfo=UTC)


def test_hours_follow_each_other_without_a_gap_through_the_change_of_a_clock() -> None:
    first, last = datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 26, 12, tzinfo=UTC)

    hours = list(business_hours.hours(first, last, PARIS))

    assert {later - hour for hour, later in pairwise(hours)} == {HOUR}


def test_a_month_begins_at_the_business_s_own_midnight() -> None:
    late = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)

    assert business_hours.month_of(late, PARIS) == datetime(2026, 10, 31, 23, tzinfo=UTC)
    assert business_hours.month_of(late, ZoneInfo("UTC")) == datetime(2026, 10, 1, tzinfo=UTC)
