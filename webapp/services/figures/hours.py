"""Hours and days of the business's own zone: what its figures are counted by, so that a day begins at its midnight.

Where the zone is off by half an hour, an hour begins at half past by UTC; where its clock is changed by half an hour,
that day ends in a half one. Pure: no database, no clock.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

HOUR = timedelta(hours=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """When a day begins; where the clock jumps over midnight, the moment of the jump."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: ZoneInfo) -> date:
    """The day that a moment lies in."""
    return moment.astimezone(zone).date()


def month_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the month began that a moment lies in."""
    return midnight(day_of(moment, zone).replace(day=1), zone)


def hour_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the hour began that a moment lies in, counted from that day's midnight."""
    begun = midnight(day_of(moment, zone), zone)
    return begun + (moment - begun) // HOUR * HOUR


def next_hour(hour: datetime, zone: ZoneInfo) -> datetime:
    """When the hour after this one begins: an hour later, or at midnight if that comes first."""
    return hour_of(hour + HOUR, zone)


def hours(first: datetime, last: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    """Each hour from the one that `first` lies in to the one that `last` lies in, oldest first."""
    hour = hour_of(first, zone)
    while hour <= last:
        yield hour
        hour = next_hour(hour, zone)
