"""The last day as charts. A time of which nothing is known is a gap: with Redis flushed, all of it is."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from webapp.charts import Chart, Point, Series, chart
from webapp.monitor.redis.minutes import DAY_MINUTES, Minute

BIN_MINUTES = 20
BINS = DAY_MINUTES // BIN_MINUTES
MEGA = 2**20
Bin = Sequence[Minute]
Figure = Callable[[Bin], Point]


def charts(minutes: Sequence[Minute], *, until: datetime, zone: ZoneInfo) -> tuple[Chart, ...]:
    """A chart for each figure, of the day that ends now."""
    bins = split(minutes, until=until)
    ends = [until - timedelta(minutes=BIN_MINUTES * (BINS - number)) for number in range(BINS)]
    moments = [f"{end.astimezone(zone):%H:%M}" for end in ends]

    def drawn(title: str, unit: str, *lines: tuple[str, Figure]) -> Chart:
        series = [Series(label, tuple(figure(one) if one else None for one in bins)) for label, figure in lines]
        return chart(title, moments, series, unit=unit)

    return (
        drawn("Messages", "", ("Waiting, at most", _most("waiting")), ("Running, at most", _most("running"))),
        drawn("Sent per minute", "", ("On average", _mean("sent")), ("At most", _most("sent"))),
        drawn("Failed per hour", "", ("At this rate", lambda one: _rounded(_mean("failed")(one), 60))),
        drawn("Tries that were retries", "%", ("Share", _retry_share)),
        drawn("Due to hand-over", "s", ("95 of 100 within", _most("due_p95"))),
        drawn("Slots", "", ("Busy, at most", _most("busy")), ("There", _most("slots"))),
        drawn("Redis memory", "MB", ("Used", lambda one: _rounded(_most("memory")(one), 1 / MEGA))),
    )


def split(minutes: Sequence[Minute], *, until: datetime) -> list[list[Minute]]:
    """The minutes in bins of the day before `until`, oldest first."""
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
    """In a time in which nothing was tried there is no share."""
    tries = sum(_known("tries", one))
    return round(100 * sum(_known("retried", one)) / tries, 1) if tries else None


def _rounded(value: Point, times: float) -> Point:
    return None if value is None else round(value * times, 2)
