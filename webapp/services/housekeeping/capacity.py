"""How busy the workers' slots are, hour by hour, and what a week of that says about the number of workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, select

from webapp.database import later, reading, upsert, writing
from webapp.extensions import db
from webapp.models import SlotHour

WEEK = timedelta(days=7)
WEEK_HOURS = 7 * 24
ENOUGH_HOURS = 24
KEEP = timedelta(days=60)
CROWDED_HOURS = 3  # One busy evening is no reason to buy a machine.


@dataclass(frozen=True)
class Advice:
    """What to do about the number of workers, and what it follows from."""

    title: str
    evidence: str
    tone: str = ""


def record(moment: datetime, *, busy: int, slots: int, waiting: int) -> None:
    """Add one sample of this minute to its hour.

    Of two samplers whose leases overlap, the second adds nothing: an hour has as many samples as minutes.
    """
    hour = moment.replace(minute=0, second=0, microsecond=0)
    row = upsert(SlotHour).values(
        hour=hour, samples=1, busy_sum=busy, busy_max=busy, slots_max=slots, waiting_max=waiting
    )
    more: dict[str, ColumnElement[int]] = {
        "samples": SlotHour.samples + 1,
        "busy_sum": SlotHour.busy_sum + row.excluded.busy_sum,
    }
    for name in ("busy_max", "slots_max", "waiting_max"):
        here, there = getattr(SlotHour, name), row.excluded[name]
        more[name] = case((there > here, there), else_=here)
    guarded = row.on_conflict_do_update(
        index_elements=[SlotHour.hour], set_=more, where=SlotHour.samples <= moment.minute
    )
    with writing():
        db.session.execute(guarded)


def forget_old() -> int:
    """Drop hours of more than two months ago; how many."""
    with writing():
        old = db.session.query(SlotHour).filter(SlotHour.hour < later(-KEEP.total_seconds()))
        return old.delete(synchronize_session=False)


def week() -> list[SlotHour]:
    """The hours of the last week that have samples."""
    with reading():
        rows = list(db.session.scalars(select(SlotHour).where(SlotHour.hour > later(-WEEK.total_seconds()))))
        for row in rows:
            db.session.expunge(row)
    return rows


def advice(hours: list[SlotHour], *, workers: int, slots: int) -> Advice:
    """Whether to add or to drop a worker; `workers` and `slots` are those that live now."""
    if len(hours) < ENOUGH_HOURS:
        return Advice(
            "Too early to say whether there are enough workers.",
            f"{len(hours)} of the last {WEEK_HOURS} hours are known; {ENOUGH_HOURS} are needed.",
        )
    crowded = [hour for hour in hours if is_crowded(hour)]
    peak = max(hour.busy_max for hour in hours)
    average = sum(hour.busy_sum for hour in hours) / sum(hour.samples for hour in hours)
    seen = f"Of samples a minute apart, in {len(hours)} of the last {WEEK_HOURS} hours"
    if len(crowded) >= CROWDED_HOURS:
        waited = max(hour.waiting_max for hour in crowded)
        told = f"in {len(crowded)} of them the slots were in use while up to {waited} messages waited"
        return Advice("Add a worker.", f"{seen}, {told}.", "warn")
    told = f"{seen}, at most {peak} of {slots} slots were busy at once, {average:.1f} on average"
    if workers > 1 and slots and peak <= (slots - slots // workers) // 2:
        return Advice("One worker fewer would do.", f"{told}.")
    return Advice("The number of workers fits.", f"{told}.")


def is_crowded(hour: SlotHour) -> bool:
    """Whether the slots were the limit: in use (one channel alone may have three quarters), and more waited than fit.

    A backlog behind a paused channel or a sender's rate leaves the slots free, and no worker more would help.
    """
    full = hour.slots_max > 0 and hour.busy_max >= hour.slots_max * 3 // 4
    return full and hour.waiting_max > hour.slots_max
