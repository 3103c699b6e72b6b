"""The board's figures over time, by channel: the last 24 hours by the hour, and the last 30 days by the day."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from webapp import i18n, words
from webapp.charts import Chart, Series, chart
from webapp.database import now, reading_rows
from webapp.i18n import gettext
from webapp.models import ChannelName, Event
from webapp.monitor.shared import Shared
from webapp.services.figures import current as current_figures
from webapp.services.figures import hours as business_hours
from webapp.services.figures.rollup_sql import BOUNDS
from webapp.services.figures.sums import Sums, total
from webapp.settings import current

DAYS = 30


@dataclass(frozen=True)
class Period:
    """A stretch of time: its charts, and its sums by event with the label of each."""

    title: str
    key: str
    charts: tuple[Chart, ...]
    events: tuple[tuple[str, Sums], ...]
    all: Sums | None


@dataclass(frozen=True)
class _Slots:
    """The sums of a period's hours or days; None where nobody has counted."""

    moments: Sequence[Any]
    by_channel: Mapping[ChannelName, Sequence[Sums | None]]
    by_event: Mapping[Event, Sums]
    all: Sums | None


def get() -> tuple[Period, ...]:
    """Returns both periods, half a minute old at most."""
    hours, days = _shared.get()
    day = _charts(
        hours,
        [i18n.hour(hour) for hour in hours.moments],
        (
            gettext("Sent each hour"),
            gettext("Failed each hour"),
            gettext("Sent within 10 s, each hour"),
            gettext("95% sent within, each hour"),
        ),
    )
    month = _charts(
        days,
        [i18n.day(day, year=False) for day in days.moments],
        (
            gettext("Sent each day"),
            gettext("Failed each day"),
            gettext("Sent within 10 s, each day"),
            gettext("95% sent within, each day"),
        ),
    )
    return (
        Period(gettext("Last 24 hours"), "day", day, _labelled(hours.by_event), hours.all),
        Period(gettext("Last %(days)s days", days=DAYS), "month", month, _labelled(days.by_event), days.all),
    )


def _read() -> tuple[_Slots, _Slots]:
    zone = current().zone
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        today = business_hours.day_of(moment, zone)
        days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
        rows = current_figures.tallies(connection, business_hours.midnight(days[0], zone), moment)
    hours = list(business_hours.hours(moment - current_figures.DAY_HOURS, moment, zone))
    return _slots(hours, rows, lambda hour: hour), _slots(days, rows, lambda hour: business_hours.day_of(hour, zone))


def _slots(keys: Sequence[datetime] | Sequence[date], rows: Iterable[Any], key_of: Callable[[datetime], Any]) -> _Slots:
    slots: dict[Any, list[Any]] = {key: [] for key in keys}
    by_event: dict[Event, list[Any]] = defaultdict(list)
    for row in rows:
        if (key := key_of(row.hour)) in slots:
            slots[key].append(row)
            by_event[row.event].append(row)
    by_channel = {name: [_of_channel(slot, name) for slot in slots.values()] for name in ChannelName}
    events = {event: sums for event in Event if (sums := total(by_event[event])) and sums.counts["made"]}
    return _Slots(keys, by_channel, events, total(row for slot in slots.values() for row in slot))


def _of_channel(slot: Sequence[Any], name: ChannelName) -> Sums | None:
    """Returns a channel's part of a slot. A slot that was counted without this channel is known to be empty."""
    return (total(row for row in slot if row.channel is name) or Sums()) if slot else None


def _charts(slots: _Slots, moments: Sequence[str], titles: Sequence[str]) -> tuple[Chart, ...]:
    def lines(point: Callable[[Sums], float | None]) -> list[Series]:
        return [
            Series(words.CHANNEL[name].label, tuple(None if sums is None else point(sums) for sums in all_sums))
            for name, all_sums in slots.by_channel.items()
        ]

    sent, failed, told, p95 = titles
    return (
        chart(sent, moments, lines(lambda sums: sums.counts["sent"])),
        chart(failed, moments, lines(lambda sums: sums.counts["failed"])),
        chart(told, moments, lines(lambda sums: _percent(sums.told_share)), unit="%"),
        chart(p95, moments, lines(lambda sums: _seconds(sums.p95)), unit="s"),
    )


def _labelled(sums: Mapping[Event, Sums]) -> tuple[tuple[str, Sums], ...]:
    return tuple((words.EVENT[event].label, one) for event, one in sums.items())


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _seconds(wait: float | None) -> float | None:
    """Returns a wait, at most the last bound: longer waits are drawn there."""
    return None if wait is None else round(min(wait, BOUNDS[-1]), 1)


_shared = Shared(_read, seconds=30.0)  # The tallies are not newer.
forget = _shared.forget
