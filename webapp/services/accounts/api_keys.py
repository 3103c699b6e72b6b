"""Keys of programs that call the API. A key is shown once, when it is made; only its SHA-256 is kept."""

import hashlib
import secrets

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp.database import now, writing
from webapp.errors import Conflict, Invalid, NotFound
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import Action, ApiKey
from webapp.services import audit
from webapp.services.audit import BELLHOP, Actor
from webapp.services.parsing.text import one_line

PREFIX = "bh_"  # Tells people, and scanners for leaked secrets, what it is.
LONGEST_NAME = 100


def create(name: str, *, by: Actor = BELLHOP) -> str:
    """Make a key. Returns it: `bh_` and 43 letters, 256 random bits. It cannot be shown again.

    Raises:
        Invalid: the name is empty or longer than 100 characters.
        Conflict: this form made one already.
    """
    plain = one_line(name)
    if not plain or len(plain) > LONGEST_NAME:
        sentence = gettext("Give the key a name of 1 to %(most)s characters, such as Booking site.", most=LONGEST_NAME)
        raise Invalid(fields={"name": sentence})
    key = PREFIX + secrets.token_urlsafe(32)
    try:
        with writing():
            db.session.add(ApiKey(name=plain, digest=_digest(key)))
            audit.record(Action.KEY_CREATED, by=by, name=plain)
    except IntegrityError as error:
        sentence = gettext("%(name)s was made already, by the first click. If its key is lost, revoke it.", name=plain)
        raise Conflict(sentence) from error
    return key


def find(key: str) -> ApiKey | None:
    """Returns the row of a key that was made here and is not revoked."""
    return db.session.scalar(select(ApiKey).where(ApiKey.digest == _digest(key), ApiKey.revoked_at.is_(None)))


def list_all() -> list[ApiKey]:
    """Returns all keys, newest first, the revoked ones too."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.id.desc())))


def revoke(key_id: int, *, by: Actor = BELLHOP) -> str:
    """End the use of a key. Returns its name; the audit log goes on naming it.

    Raises:
        NotFound: there is no such key in use.
    """
    end = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now())
    try:
        with writing():
            name: str | None = db.session.scalar(end.returning(ApiKey.name))
            if name is None:
                raise NotFound(gettext("There is no such key in use: somebody may have revoked it just before you."))
            audit.record(Action.KEY_REVOKED, by=by, name=name)
    except NotFound as error:
        return str(audit.first_result(by, error).detail["name"])
    return name


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
