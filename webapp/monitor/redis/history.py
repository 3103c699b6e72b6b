"""The last day as charts. A time about which nothing is known is a gap."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.charts import Chart, Point, Series, chart
from webapp.i18n import gettext as _
from webapp.monitor.redis.minutes import DAY_MINUTES, Minute

BIN_MINUTES = 20
BINS = DAY_MINUTES // BIN_MINUTES
MEGA = 2**20
Bin = Sequence[Minute]
Figure = Callable[[Bin], Point]


def charts(minutes: Sequence[Minute], *, until: datetime, zone: ZoneInfo) -> tuple[Chart, ...]:
    """Returns a chart of each figure, of the day that ends at `until`."""
    bins = split(minutes, until=until)
    ends = [until - timedelta(minutes=BIN_MINUTES * (BINS - number)) for number in range(BINS)]
    moments = [f"{end.astimezone(zone):%H:%M}" for end in ends]

    def drawn(title: str, unit: str, *lines: tuple[str, Figure]) -> Chart:
        series = [Series(label, tuple(figure(one) if one else None for one in bins)) for label, figure in lines]
        return chart(title, moments, series, unit=unit)

    return (
        drawn(_("Messages"), "", (_("Waiting, at most"), _most("waiting")), (_("Running, at most"), _most("running"))),
        drawn(_("Sent per minute"), "", (_("On average"), _mean("sent")), (_("At most"), _most("sent"))),
        drawn(_("Failed per hour"), "", (_("At this rate"), lambda bin_: _rounded(_mean("failed")(bin_), 60))),
        drawn(_("Retries, of all attempts"), "%", (_("Share"), _retry_share)),
        drawn(_("Time until sent"), "s", (_("95 of 100 within"), _most("due_p95"))),
        drawn(_("Slots"), "", (_("Busy, at most"), _most("busy")), (_("All"), _most("slots"))),
        drawn(_("Redis memory"), "MB", (_("Used"), lambda bin_: _rounded(_most("memory")(bin_), 1 / MEGA))),
    )


def split(minutes: Sequence[Minute], *, until: datetime) -> list[list[Minute]]:
    """Returns the minutes in bins of the day before `until`, oldest first."""
    bins: list[list[Minute]] = [[] for _ in range(BINS)]
    for minute in minutes:
        back = int((until - minute.start.astimezone(UTC)).total_seconds() // 60) // BIN_MINUTES
        if 0 <= back < BINS:
            bins[BINS - 1 - back].append(minute)
    return bins


def _known(name: str, one: Bin) -> list[float]:
    return [value for minute in one if (value := getattr(minute, name)) is not None]


def _most(name: str) -> Figure:
    return lambda one: max(_known(name, one), default=None)


def _mean(name: str) -> Figure:
    def figure(one: Bin) -> Point:
        known = _known(name, one)
        return round(sum(known) / len(known), 2) if known else None

    return figure


def _retry_share(one: Bin) -> Point:
    """Returns the share in percent; None if nothing was tried."""
    tries = sum(_known("tries", one))
    return round(100 * sum(_known("retried", one)) / tries, 1) if tries else None


def _rounded(value: Point, times: float) -> Point:
    return None if value is None else round(value * times, 2)
