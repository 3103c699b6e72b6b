"""Counts messages by the hour in which they first fell due, so that no page counts the whole table.

A counted hour has at least one row, with zeros if nothing fell due. An hour without a row was not counted yet. An hour
is always written as a whole, and never replaces a later count. So it may be counted at any time, and by two at once.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from webapp import clock
from webapp.database import now, reading_rows, writing
from webapp.extensions import db
from webapp.models import ChannelName, Event, HourTally
from webapp.services.figures import hours as business_hours
from webapp.services.figures import rollup_sql
from webapp.services.figures.rollup_sql import BOUNDS, IN_TIME, SUMS
from webapp.settings import current

RECENT = timedelta(hours=72)  # Receipts may come for so long.
REST = timedelta(minutes=10)  # An hour of these is not counted more often, except the last two.
SOME = 10  # So many of them are counted in one turn, those first that were counted longest ago.
BATCH = 24  # Hours that are counted in one transaction.
FILL_SECONDS = 0.5  # So long one turn may fill gaps: the other duties of the thread wait meanwhile.


def recount() -> int:
    """Count the last two hours, and some of those for which receipts may still come. Returns how many hours."""
    moment, oldest = _times()
    wanted = list(business_hours.hours(max(oldest, _settled_before(moment)), moment, current().zone))
    always, others = wanted[-2:], wanted[:-2]
    taken_at = _taken_since(wanted[0])
    stale = [hour for hour in others if hour not in taken_at or taken_at[hour] < moment - REST]
    stale.sort(key=lambda hour: (hour in taken_at, taken_at.get(hour), hour))
    count([*always, *stale[:SOME]])
    return len(always) + len(stale[:SOME])


def fill() -> int:
    """Count hours that were never counted, the newest first, for FILL_SECONDS. Returns how many hours."""
    ends = clock.monotonic() + FILL_SECONDS
    moment, oldest = _times()
    expected = list(business_hours.hours(oldest, moment, current().zone))
    known = _taken_since(expected[0]).keys()
    _drop(sorted(known - set(expected)))
    missing, done = [hour for hour in reversed(expected) if hour not in known], 0
    while done < len(missing) and (done == 0 or clock.monotonic() < ends):
        count(missing[done : done + BATCH])
        done = min(done + BATCH, len(missing))
    return done


def count(hours: Iterable[datetime]) -> None:
    """Count these hours and write them in one transaction. An hour is given by its beginning."""
    wanted, zone = sorted(hours), current().zone
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        # A message that is due this second is neither sent nor late, so it is not counted yet.
        until = moment - timedelta(seconds=IN_TIME)
        found = {
            hour: connection.execute(rollup_sql.count(hour, min(business_hours.next_hour(hour, zone), until))).all()
            for hour in wanted
        }
    rows = [row for hour in wanted for row in _rolled_up(hour, moment, found[hour])]
    with writing():
        db.session.execute(rollup_sql.clear(wanted, moment))
        db.session.execute(rollup_sql.write(), rows)


def _rolled_up(hour: datetime, moment: datetime, groups: Iterable[Any]) -> list[dict[str, Any]]:
    """Returns a row for each channel and event of an hour."""
    by_key: dict[tuple[ChannelName, Event], list[Any]] = defaultdict(list)
    for group in groups:
        by_key[group.channel, group.event].append(group)
    if not by_key:
        by_key[next(iter(ChannelName)), Event.TEST] = []  # Nothing fell due: a row of zeros says so.
    # In one order, so that two who write the same hour wait for each other and do not lock each other out.
    return [
        {"hour": hour, "channel": channel, "event": event, "taken_at": moment, **_sums(by_key[channel, event])}
        for channel, event in sorted(by_key)
    ]


def _sums(groups: Sequence[Any]) -> dict[str, Any]:
    waits = Counter({group.place: group.made for group in groups})
    sums: dict[str, Any] = {name: sum(int(getattr(group, name)) for group in groups) for name in SUMS}
    return sums | {"waits": [waits[place] for place in range(len(BOUNDS) + 1)]}


def _times() -> tuple[datetime, datetime]:
    """Returns the database's time, and when the oldest message fell due: now if there is none, or only later ones."""
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        first = connection.scalar(rollup_sql.first_due())
    return moment, min(first or moment, moment)


def _settled_before(moment: datetime) -> datetime:
    """Returns the moment before which no hour is counted again.

    No more receipts come for those hours, or their messages may be deleted already and only the count is left.
    """
    kept = timedelta(days=current().keep_days) - business_hours.HOUR
    return moment - (min(RECENT, kept) if current().keep_days else RECENT)


def _taken_since(hour: datetime) -> dict[datetime, datetime]:
    """Returns when each hour from this one on was counted."""
    wanted = select(HourTally.hour, func.min(HourTally.taken_at)).where(HourTally.hour >= hour).group_by(HourTally.hour)
    with reading_rows() as connection:
        return {row[0]: row[1] for row in connection.execute(wanted)}


def _drop(hours: Sequence[datetime]) -> None:
    """Delete hours that begin at another minute than the hours of today: TIMEZONE was changed by part of an hour."""
    if hours:
        with writing():
            db.session.execute(delete(HourTally).where(HourTally.hour.in_(hours)))
