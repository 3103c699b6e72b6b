"""Returned mail that could not be read: kept for an admin, who looks at it and puts it away."""

import hashlib
from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import changed, now, reading, writing
from webapp.errors import Full, NotFound
from webapp.extensions import db
from webapp.i18n import gettext, ngettext
from webapp.models import ReturnedMail
from webapp.services.audit import Actor

MOST = 500  # Of what nobody has put away: a storm of odd mails fills no disk.
LONGEST = 100_000
SHOWN = 100
FULL = f"It is not kept yet: {MOST} returned mails wait for an admin. Hand it in again later."


def keep(raw: bytes, *, message_id: int | None) -> bool:
    """Keep a mail as text, once. Returns whether it is new.

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
    """Returns how many nobody has looked at."""
    return db.session.scalar(select(func.count()).where(ReturnedMail.put_away_at.is_(None))) or 0


def told() -> str:
    """Returns how many nobody has looked at, in words; empty if there is none."""
    with reading():
        many = waiting()
    words = ngettext("%(num)s returned mail waits to be read", "%(num)s returned mails wait to be read", many)
    return words if many else ""


def newest() -> Sequence[ReturnedMail]:
    """Returns the mails that wait, newest first."""
    with reading():
        mails = select(ReturnedMail).where(ReturnedMail.put_away_at.is_(None)).order_by(ReturnedMail.id.desc())
        return db.session.scalars(mails.limit(SHOWN)).all()


def get(mail_id: int) -> ReturnedMail:
    """Returns one mail.

    Raises:
        NotFound: there is none.
    """
    with reading():
        found = db.session.get(ReturnedMail, mail_id)
    if found is None:
        raise NotFound(gettext("This returned mail does not exist, or was deleted."))
    return found


def put_away(mail_id: int, *, by: Actor) -> bool:
    """Put a mail away. Returns whether nobody had before."""
    with writing():
        mine = ReturnedMail.id == mail_id, ReturnedMail.put_away_at.is_(None)
        return changed(update(ReturnedMail).where(*mine).values(put_away_at=now(), put_away_by=by.name)) == 1
