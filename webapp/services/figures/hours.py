"""Hours and days in the business's time zone. Figures are counted by them, so a day begins at its local midnight.

In India an hour begins at :30 UTC. On a day when the clock moves by 30 minutes, the last hour is half an hour long.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Returns when a day begins; the moment of the jump if the clock jumps over midnight."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """Returns the day of a moment."""
    return moment.astimezone(zone).date()


def month_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """Returns when the month of a moment began."""
    return midnight(day_of(moment, zone).replace(day=1), zone)


def hour_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """Returns when the hour of a moment began, counted from that day's midnight."""
    begun = midnight(day_of(moment, zone), zone)
    return begun + (moment - begun) // HOUR * HOUR


def next_hour(hour: datetime, zone: ZoneInfo) -> datetime:
    """Returns when the next hour begins: an hour later, or at midnight if that comes first."""
    return hour_of(hour + HOUR, zone)


def hours(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Returns each hour from that of `first` to that of `last`, oldest first."""
    hour = hour_of(first, zone)
    while hour <= last:
        yield hour
        hour = next_hour(hour, zone)
