"""Rolls messages up by the hour in which they first fell due, so that no page counts the table.

A counted hour has at least one row, of zeros where nothing fell due: an hour without a row is not known yet. An hour is
always written anew and whole, and a count never takes the place of a later one; so it may be counted at any time,
again, and by two at once.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select

from webapp import clock
from webapp.database import now, reading_rows, writing
from webapp.extensions import db
from webapp.models import ARRIVED, OPEN, TAKEN, ChannelName, Event, HourTally, MessageStatus
from webapp.services.figures import hours as business_hours
from webapp.services.figures import rollup_sql
from webapp.services.figures.rollup_sql import BOUNDS, IN_TIME
from webapp.settings import current

RECENT = timedelta(hours=72)  # Receipts come for so long.
REST = timedelta(minutes=10)  # For which an hour of these is left alone, once it is not the last or the one before.
SOME = 10  # Of them are counted at a turn, the longest untouched first.
BATCH = 24  # Hours counted into one transaction.
FILL_SECONDS = 0.5  # What filling gaps may take of a turn: the thread's other duties wait meanwhile.


@dataclass
class _Tally:
    """The sums of one channel and event, as HourTally's columns are called."""

    made: int = 0
    open: int = 0
    sent: int = 0
    delivered: int = 0
    failed: int = 0
    skipped: int = 0
    retried: int = 0
    in_time: int = 0
    segments: int = 0
    waits: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    def add(self, row: Any) -> None:
        self.made += row.number
        self.open += row.number * (row.status in OPEN)
        self.sent += row.number * (row.status in TAKEN)
        self.delivered += row.number * (row.status in ARRIVED)
        self.failed += row.number * (row.status is MessageStatus.FAILED)
        self.skipped += row.number * (row.status is MessageStatus.SKIPPED)
        self.retried += row.retried
        self.segments += int(row.segments)
        if row.place is not None:
            self.waits[row.place] += row.number
            self.in_time += row.number * (row.place <= BOUNDS.index(IN_TIME))


def recount() -> int:
    """Count the last hour and the one before, and some of those for which receipts may still come; how many."""
    moment, oldest = _times()
    wanted = list(business_hours.hours(max(oldest, _settled_before(moment)), moment, current().zone))
    always, others = wanted[-2:], wanted[:-2]
    taken_at = _taken_since(wanted[0])
    stale = [hour for hour in others if hour not in taken_at or taken_at[hour] < moment - REST]
    stale.sort(key=lambda hour: (hour in taken_at, taken_at.get(hour), hour))
    count([*always, *stale[:SOME]])
    return len(always) + len(stale[:SOME])


def fill() -> int:
    """Count hours that were never counted, the newest first, for as long as a turn may take; how many."""
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
    """Count these hours and write them, all in one transaction; each is the beginning of one in the business's zone."""
    wanted, zone = sorted(hours), current().zone
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        # Each message has had its time to be told: one that is due this second is neither told nor late.
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
    sums: dict[tuple[ChannelName, Event], _Tally] = defaultdict(_Tally)
    for group in groups:
        sums[group.channel, group.event].add(group)
    if not sums:
        sums[next(iter(ChannelName)), Event.TEST]  # Nothing fell due, and that is known.
    # In one order, so that two who write the same hour wait for each other and do not lock each other out.
    keys = sorted(sums)
    return [{"hour": hour, "channel": key[0], "event": key[1], "taken_at": moment, **vars(sums[key])} for key in keys]


def _times() -> tuple[datetime, datetime]:
    """The database's time, and when the oldest message fell due; where there is none, or only later ones, now."""
    with reading_rows() as connection:
        moment = connection.scalars(select(now())).one()
        first = connection.scalar(rollup_sql.first_due())
    return moment, min(first or moment, moment)


def _settled_before(moment: datetime) -> datetime:
    """Before this nothing is counted again: no more receipts come, or the messages may be pruned and the count is all
    that is left of them."""
    kept = timedelta(days=current().keep_days) - business_hours.HOUR
    return moment - (min(RECENT, kept) if current().keep_days else RECENT)


def _taken_since(hour: datetime) -> dict[datetime, datetime]:
    """When each hour from this one on was counted."""
    wanted = select(HourTally.hour, func.min(HourTally.taken_at)).where(HourTally.hour >= hour).group_by(HourTally.hour)
    with reading_rows() as connection:
        return {row[0]: row[1] for row in connection.execute(wanted)}


def _drop(hours: Sequence[datetime]) -> None:
    """Forget hours that are none any more, since TIMEZONE was changed by part of one: they lie across the new ones."""
    if hours:
        with writing():
            db.session.execute(delete(HourTally).where(HourTally.hour.in_(hours)))
