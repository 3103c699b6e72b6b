"""The lane of a guest: the row that orders a guest's messages."""

from sqlalchemy import select

from webapp.database import upsert
from webapp.extensions import db
from webapp.models import Guest


def find_or_create(*, phone: str | None, email: str | None) -> int:
    """Return the id of the guest's lane, inside the current write transaction; a new guest gets a new one."""
    db.session.execute(upsert(Guest).values(phone=phone, email=email, next_seq=1).on_conflict_do_nothing())
    same = Guest.phone == phone if phone else (Guest.email == email) & Guest.phone.is_(None)
    return db.session.scalars(select(Guest.id).where(same)).one()
