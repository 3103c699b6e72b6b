"""The leases of duties: rows in the database, so that duties go on while Redis is away."""

from collections.abc import Mapping, Sequence

from sqlalchemy import or_, select, update

from webapp.database import later, now, upsert, writing
from webapp.extensions import db
from webapp.models import TRIAL, DutyLease

LEASE_SECONDS = 10.0


def try_to_write() -> None:
    """Try a write, so that a read-only database is noticed before a person's act fails."""
    with writing():
        # Another value each time: SQLite writes nothing if a row stays as it is.
        db.session.execute(update(DutyLease).where(DutyLease.name == TRIAL).values(done_at=now()))


def ensure(names: Sequence[str]) -> None:
    """Add the rows that are missing; another process may be adding them at this moment."""
    with writing():
        known = set(db.session.scalars(select(DutyLease.name)))
        for name in names:
            if name not in known:
                db.session.execute(upsert(DutyLease).values(name=name).on_conflict_do_nothing())


def hold(names: Sequence[str], holder: str, *, seconds: float = LEASE_SECONDS) -> list[str]:
    """Take or renew the leases that are free or already ours. Returns the names that we hold now."""
    # A lease that ends later than one taken now was written by a clock that ran ahead: it counts as free.
    ended = or_(DutyLease.until <= now(), DutyLease.until > later(seconds + LEASE_SECONDS))
    free = or_(DutyLease.holder == holder, DutyLease.until.is_(None), ended)
    with writing():
        held = db.session.scalars(
            update(DutyLease)
            .where(DutyLease.name.in_(names), free)
            .values(holder=holder, until=later(seconds))
            .returning(DutyLease.name)
            .execution_options(synchronize_session=False)
        ).all()
    return list(held)


def report(done: Mapping[str, str], holder: str) -> None:
    """Record that duties ran; the value is the error, empty if there was none."""
    with writing():
        for name, error in done.items():
            db.session.execute(
                update(DutyLease)
                .where(DutyLease.name == name, DutyLease.holder == holder)
                .values(done_at=now(), error=error[:500])
            )


def release(holder: str, *names: str) -> None:
    """Release all leases that a process holds, or those of these names: another process goes on at once."""
    mine = [DutyLease.holder == holder, *([DutyLease.name.in_(names)] if names else [])]
    with writing():
        db.session.execute(update(DutyLease).where(*mine).values(until=None, holder=""))
