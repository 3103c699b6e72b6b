"""Returned mail that could not be read: kept for an admin, who looks at it and puts it away."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed, now, reading, writing
from webapp.errors import Full, NotFound
from webapp.extensions import db
from webapp.models import ReturnedMail
from webapp.services.audit import Actor

MOST = 500  # Of what nobody has put away: a storm of odd mails fills no disk.
LONGEST = 100_000
SHOWN = 100
FULL = f"It is not kept yet: {MOST} returned mails wait for an admin. Hand it in again later."


def keep(raw: bytes, *, message_id: int | None) -> bool:
    """Keep a mail as text, once; whether it is new.

    Raises:
        Full: too many wait. The pipe keeps the mail and comes again, so that none is lost until somebody has looked.
    """
    digest = hashlib.sha256(raw).hexdigest()
    text = raw[:LONGEST].decode("utf-8", "replace").replace("\x00", "")
    same = select(ReturnedMail.id).where(ReturnedMail.digest == digest)
    try:
        with writing():
            if db.session.scalar(same) is not None:
                return False
            if waiting() >= MOST:
                raise Full(FULL)
            db.session.add(ReturnedMail(digest=digest, content=text, message_id=message_id))
    except IntegrityError:  # Two pipes brought the same mail at once.
        return False
    return True


def waiting() -> int:
    """How many nobody has looked at."""
    return db.session.scalar(select(func.count()).where(ReturnedMail.put_away_at.is_(None))) or 0


def told() -> str:
    """How many nobody has looked at, in words; empty where there is none."""
    with reading():
        many = waiting()
    return f"{many} returned {'mail waits' if many == 1 else 'mails wait'} to be read" if many else ""


def newest() -> Sequence[ReturnedMail]:
    """Those that wait, the newest first."""
    with reading():
        mails = select(ReturnedMail).where(ReturnedMail.put_away_at.is_(None)).order_by(ReturnedMail.id.desc())
        return db.session.scalars(mails.limit(SHOWN)).all()


def get(mail_id: int) -> ReturnedMail:
    """Return one.

    Raises:
        NotFound: there is none.
    """
    with reading():
        found = db.session.get(ReturnedMail, mail_id)
    if found is None:
        raise NotFound("This returned mail does not exist, or is kept no longer.")
    return found


def put_away(mail_id: int, *, by: Actor) -> bool:
    """Put one away; whether nobody had before."""
    with writing():
        mine = ReturnedMail.id == mail_id, ReturnedMail.put_away_at.is_(None)
        return changed(update(ReturnedMail).where(*mine).values(put_away_at=now(), put_away_by=by.name)) == 1
