"""The background jobs on the queue page: who does each, when it was done, and what went wrong."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from webapp.database import read_now, reading
from webapp.extensions import db
from webapp.models import NO_DUTIES, DutyLease
from webapp.words import Word

DONE = Word("Done", "ok", "circle-check")
FAILED = Word("Failed", "bad", "alert-triangle")
NOBODYS = Word("Not running", "warn", "help-circle")


@dataclass(frozen=True, kw_only=True)
class DutyView:
    """One duty. `holder` is empty if no process has its lease now."""

    name: str
    holder: str
    done_at: datetime | None
    error: str

    @property
    def is_fine(self) -> bool:
        return self.word is DONE

    @property
    def word(self) -> Word:
        if not self.holder:
            return NOBODYS
        return FAILED if self.error else DONE


def read() -> tuple[DutyView, ...]:
    """Returns every duty that a process has ever done, by name."""
    with reading():
        moment = read_now()
        rows = db.session.scalars(select(DutyLease).where(DutyLease.name.not_in(NO_DUTIES)).order_by(DutyLease.name))
        return tuple(_view(row, moment) for row in rows)


def _view(row: DutyLease, moment: datetime) -> DutyView:
    is_held = row.until is not None and row.until > moment
    return DutyView(name=row.name, holder=row.holder if is_held else "", done_at=row.done_at, error=row.error)
