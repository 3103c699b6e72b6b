"""The figures at the top of the delivery board: are guests told, and soon enough? Read from the hourly tallies alone.

Test messages are left out, because no guest waits for them. Only the cost counts them: providers charge for them too.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, func, select

from webapp.database import now, reading_rows
from webapp.models import HourTally, Message
from webapp.monitor import counts
from webapp.monitor.shared import Shared
from webapp.services.figures import hours as business_hours
from webapp.services.figures import rollup_sql
from webapp.services.figures.sums import Sums, total
from webapp.services.messages import reached
from webapp.settings import current

STALE = timedelta(minutes=3)  # While a worker runs, the last hour is counted every 30 s.
DAY_HOURS = timedelta(hours=23)  # Before the hour that runs.


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures; None for those that were not counted."""

    unreached: int  # Guests whose messages fell due in the last 24 hours, and whom no channel reached.
    day: Sums | None  # The last 24 hours.
    today: Sums | None
    oldest_due_at: datetime | None  # Of the messages that wait now; None: none waits.
    parts: int | None  # SMS parts of this month.
    month: date
    counted_at: datetime | None
    is_stale: bool
    is_day_whole: bool  # Whether each of its hours was counted, back to the first message.
    is_month_whole: bool


def of_day(day: date) -> tuple[int, Sums | None, int | None]:
    """Returns a whole day's guests not reached, its sums, and the SMS parts of its month until the end of the day."""
    zone = current().zone
    begun, ended = (business_hours.midnight(one, zone) for one in (day, day + timedelta(days=1)))
    with reading_rows() as connection:
        rows, lost = tallies(connection, begun, ended), unreached(connection, begun, ended)
        parts = connection.scalar(_parts(business_hours.month_of(begun, zone), ended))
    return lost, total(rows), parts


def unreached(connection: Connection, start: datetime, end: datetime) -> int:
    """Returns how many guests no channel reached, of those whose messages fell due from `start` until before `end`."""
    guests = reached.lost_messages(func.count(Message.guest_id.distinct()))
    found: int = connection.scalars(guests.where(Message.first_due_at >= start, Message.first_due_at < end)).one()
    return found


def tallies(connection: Connection, start: datetime, end: datetime) -> list[Any]:
    """Returns the tallies of the hours from `start` until before `end`."""
    query = select(HourTally.__table__).where(HourTally.hour >= start, HourTally.hour < end)
    return list(connection.execute(query.order_by(HourTally.hour)))


def _read() -> Figures:
    zone = current().zone
    # A connection of its own: the session keeps what the page has read.
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        hour, today = business_hours.hour_of(moment - DAY_HOURS, zone), business_hours.day_of(moment, zone)
        midnight, month = business_hours.midnight(today, zone), business_hours.month_of(moment, zone)
        rows = tallies(connection, min(hour, midnight), moment)
        counted_at = connection.scalar(select(func.max(HourTally.taken_at)).where(HourTally.hour >= hour))
        counted = set(connection.scalars(select(HourTally.hour).where(HourTally.hour >= min(hour, month)).distinct()))
        first = connection.scalar(rollup_sql.first_due()) or moment
        return Figures(
            unreached=unreached(connection, hour, moment),
            day=total(row for row in rows if row.hour >= hour),
            today=total(row for row in rows if row.hour >= midnight),
            oldest_due_at=connection.scalar(counts.oldest_due()),
            parts=connection.scalar(_parts(month, moment)),
            month=today.replace(day=1),
            counted_at=counted_at,
            is_stale=counted_at is None or moment - counted_at > STALE,
            is_day_whole=_is_whole(counted, max(hour, first), moment),
            is_month_whole=_is_whole(counted, max(month, first), moment),
        )


def _parts(start: datetime, end: datetime) -> Select[int | None]:
    return select(func.sum(HourTally.segments)).where(HourTally.hour >= start, HourTally.hour < end)


def _is_whole(counted: Iterable[datetime], first: datetime, last: datetime) -> bool:
    """Returns whether each of these hours was counted, except the one that has just begun."""
    expected = list(business_hours.hours(first, last, current().zone))[:-1]
    return set(expected) <= set(counted)


_shared = Shared(_read, seconds=5.0)
get, forget = _shared.get, _shared.forget
