"""A day in bins: what is unknown is a gap, what is known is neither lost nor smoothed away."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from webapp.charts import Chart
from webapp.monitor.redis import history
from webapp.monitor.redis.minutes import Minute

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def test_a_day_without_minutes_is_empty() -> None:
    charts = history.charts([], until=NOON, zone=PARIS)

    assert len(charts) == 7
    assert all(chart.is_empty for chart in charts)


def test_a_peak_of_one_minute_is_seen() -> None:
    drawn = _messages([_minute(back, waiting=90 if back == 30 else 1) for back in range(1, 60)])

    assert [values[0] for _, values in drawn.rows[-3:]] == [1, 90, 1]
    assert drawn.rows[-4][1] == (None, None)


def test_minutes_older_than_a_day_or_of_the_future_are_left_out() -> None:
    assert _messages([_minute(24 * 60 + 1), _minute(-5)]).is_empty


def test_moments_are_those_of_the_business() -> None:
    assert history.charts([], until=NOON, zone=PARIS)[0].marks[0] == "13:00"


def test_what_older_points_do_not_tell_is_a_gap() -> None:
    charts = {chart.title: chart for chart in history.charts([_minute(5)], until=NOON, zone=PARIS)}

    assert charts["Redis memory"].is_empty and charts["Slots"].is_empty
    assert not charts["Sent per minute"].is_empty


def test_a_share_is_of_what_was_tried() -> None:
    minutes = [_minute(1, tries=30, retried=3), _minute(2, tries=10, retried=1), _minute(30, tries=0, retried=0)]

    share = history.charts(minutes, until=NOON, zone=PARIS)[3]

    assert [values for _, values in share.rows[-2:]] == [(None,), (10.0,)]


def _messages(minutes: list[Minute]) -> Chart:
    return history.charts(minutes, until=NOON, zone=PARIS)[0]


def _minute(back: float, **given: Any) -> Minute:
    facts = {"waiting": 1, "running": 2, "sent": 3, "failed": 0} | given
    return Minute(start=NOON - timedelta(minutes=back), **facts)
