"""The board's figures over time, by channel: the last 24 hours by the hour, and the last 30 days by the day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp import words
from webapp.charts import Chart, Series, chart
from webapp.database import now, reading_rows
from webapp.models import ChannelName, Event
from webapp.monitor.shared import Shared
from webapp.services.figures import current as current_figures
from webapp.services.figures import hours as business_hours
from webapp.services.figures.rollup_sql import BOUNDS
from webapp.services.figures.sums import Sums, total
from webapp.settings import current

DAYS = 30
Slots = dict[Any, list[Any]]  # The tallies of each hour or day; none where nobody has counted.


@dataclass(frozen=True)
class Period:
    """A stretch of time: its charts, and its sums by event with the label of each."""

    title: str
    key: str
    charts: tuple[Chart, ...]
    events: tuple[tuple[str, Sums], ...]
    all: Sums | None


def _read() -> tuple[Period, ...]:
    zone = current().zone
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        today = business_hours.day_of(moment, zone)
        days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
        rows = current_figures.tallies(connection, business_hours.midnight(days[0], zone), moment)
    hours = list(business_hours.hours(moment - current_figures.DAY_HOURS, moment, zone))
    by_hour = _slots(hours, rows, lambda hour: hour)
    by_day = _slots(days, rows, lambda hour: business_hours.day_of(hour, zone))
    return (
        _period("Last 24 hours", "day", "hour", [f"{hour.astimezone(zone):%H:%M}" for hour in hours], by_hour),
        _period(f"Last {DAYS} days", "month", "day", [f"{day.day} {day:%b}" for day in days], by_day),
    )


def _slots(keys: Sequence[datetime] | Sequence[date], rows: Iterable[Any], key_of: Callable[[datetime], Any]) -> Slots:
    slots: Slots = {key: [] for key in keys}
    for row in rows:
        if (key := key_of(row.hour)) in slots:
            slots[key].append(row)
    return slots


def _period(title: str, key: str, each: str, moments: Sequence[str], slots: Slots) -> Period:
    rows = [row for slot in slots.values() for row in slot]
    by_channel = {name: [_of_channel(slot, name) for slot in slots.values()] for name in ChannelName}

    def lines(point: Callable[[Sums], float | None]) -> list[Series]:
        return [
            Series(words.CHANNEL[name].label, tuple(None if sums is None else point(sums) for sums in all_sums))
            for name, all_sums in by_channel.items()
        ]

    charts = (
        chart(f"Sent each {each}", moments, lines(lambda sums: sums.sent)),
        chart(f"Failed each {each}", moments, lines(lambda sums: sums.failed)),
        chart(f"Told within 10 s, each {each}", moments, lines(lambda sums: _percent(sums.told_share)), unit="%"),
        chart(f"95 of 100 sent within, each {each}", moments, lines(lambda sums: _seconds(sums.p95)), unit="s"),
    )
    return Period(title, key, charts, _by_event(rows), total(rows))


def _of_channel(slot: Sequence[Any], name: ChannelName) -> Sums | None:
    """A channel's part of a slot; one that was counted and has none of it is known to be empty."""
    return (total(row for row in slot if row.channel is name) or Sums()) if slot else None


def _by_event(rows: Iterable[Any]) -> tuple[tuple[str, Sums], ...]:
    """What became of each event's messages; events of which there were none are left out."""
    by_event: dict[Event, list[Any]] = defaultdict(list)
    for row in rows:
        by_event[row.event].append(row)
    sums = ((words.EVENT[event].label, total(by_event[event])) for event in Event if event in by_event)
    return tuple((label, one) for label, one in sums if one and one.made)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _seconds(wait: float | None) -> float | None:
    """Drawn no higher than the last bound: what took longer is there too."""
    return None if wait is None else round(min(wait, BOUNDS[-1]), 1)


_shared = Shared(_read, seconds=30.0)  # The tallies are not newer.
get, forget = _shared.get, _shared.forget
