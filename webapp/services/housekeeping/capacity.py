"""How busy the slots of the workers are, hour by hour, and what a week says about the number of workers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, select

from webapp.database import later, reading, upsert, writing
from webapp.extensions import db
from webapp.i18n import gettext, number
from webapp.models import SlotHour

WEEK = timedelta(days=7)
WEEK_HOURS = 7 * 24
ENOUGH_HOURS = 24
KEEP = timedelta(days=60)
CROWDED_HOURS = 3  # One busy evening is no reason to buy a machine.


@dataclass(frozen=True)
class Advice:
    """What a week of samples says about the number of workers."""

    known: int  # Hours with samples.
    crowded: int = 0  # Hours in which the slots were the limit.
    waiting: int = 0  # The most messages that waited then.
    peak: int = 0  # The most slots that were busy at once.
    slots: int = 0
    average: float = 0.0
    fewer: bool = False  # One worker fewer would do.

    @property
    def tone(self) -> str:
        return "warn" if self.crowded >= CROWDED_HOURS else ""

    @property
    def title(self) -> str:
        """What to do."""
        if self.known < ENOUGH_HOURS:
            return gettext("Too early to say whether there are enough workers.")
        if self.tone:
            return gettext("Add a worker.")
        return gettext("One worker fewer would do.") if self.fewer else gettext("The number of workers fits.")

    @property
    def evidence(self) -> str:
        """The figures behind it."""
        hours = {"known": self.known, "all": WEEK_HOURS}
        if self.known < ENOUGH_HOURS:
            text = gettext(
                "%(known)s of the last %(all)s hours are known; %(needed)s are needed.", **hours, needed=ENOUGH_HOURS
            )
        elif self.tone:
            text = gettext(
                "One sample a minute, in %(known)s of the last %(all)s hours: in %(crowded)s of them the slots were in "
                "use while up to %(waiting)s messages waited.",
                **hours, crowded=self.crowded, waiting=self.waiting,
            )  # fmt: skip
        else:
            text = gettext(
                "One sample a minute, in %(known)s of the last %(all)s hours: at most %(peak)s of %(slots)s slots were "
                "busy at once, %(average)s on average.",
                **hours, peak=self.peak, slots=self.slots, average=number(round(self.average, 1)),
            )  # fmt: skip
        return text


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
    """Delete the hours of more than two months ago. Returns how many."""
    with writing():
        old = db.session.query(SlotHour).filter(SlotHour.hour < later(-KEEP.total_seconds()))
        return old.delete(synchronize_session=False)


def week() -> list[SlotHour]:
    """Returns the hours of the last week that have samples."""
    with reading():
        rows = list(db.session.scalars(select(SlotHour).where(SlotHour.hour > later(-WEEK.total_seconds()))))
        for row in rows:
            db.session.expunge(row)
    return rows


def advice(hours: list[SlotHour], *, workers: int, slots: int) -> Advice:
    """Returns whether to add or to drop a worker; `workers` and `slots` are those that live now."""
    if len(hours) < ENOUGH_HOURS:
        return Advice(len(hours))
    crowded = [hour for hour in hours if is_crowded(hour)]
    peak = max(hour.busy_max for hour in hours)
    return Advice(
        len(hours), len(crowded), max((hour.waiting_max for hour in crowded), default=0), peak, slots,
        average=sum(hour.busy_sum for hour in hours) / sum(hour.samples for hour in hours),
        fewer=workers > 1 and slots > 0 and peak <= (slots - slots // workers) // 2,
    )  # fmt: skip


def is_crowded(hour: SlotHour) -> bool:
    """Returns whether the slots were the limit: three quarters busy, as much as one channel may have, and more waiting.

    A backlog behind a paused channel or a sender's rate leaves the slots free: one more worker would not help.
    """
    full = hour.slots_max > 0 and hour.busy_max >= hour.slots_max * 3 // 4
    return full and hour.waiting_max > hour.slots_max
