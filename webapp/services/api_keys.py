"""Keys of programs that call the API. A key is shown once, when it is made; only its SHA-256 is kept."""

import hashlib
import secrets

from sqlalchemy import select, update

from webapp.database import now, writing
from webapp.errors import Invalid, NotFound
from webapp.extensions import db
from webapp.models import ApiKey

PREFIX = "bh_"  # Tells people, and scanners for leaked secrets, what it is.
LONGEST_NAME = 100


def create(name: str) -> str:
    """Make a key and return it: `bh_` and 43 letters, 256 random bits. It cannot be shown again.

    Raises:
        Invalid: the name is empty or longer than 100 characters.
    """
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or "\x00" in plain:
        raise Invalid(fields={"name": f"Give the key a name of 1 to {LONGEST_NAME} characters, such as Booking site."})
    key = PREFIX + secrets.token_urlsafe(32)
    with writing():
        db.session.add(ApiKey(name=plain, digest=_digest(key)))
    return key


def find(key: str) -> ApiKey | None:
    """The row of a key that was made here and is not revoked."""
    return db.session.scalar(select(ApiKey).where(ApiKey.digest == _digest(key), ApiKey.revoked_at.is_(None)))


def every() -> list[ApiKey]:
    """All keys, newest first, the revoked ones too."""
    return list(db.session.scalars(select(ApiKey).order_by(ApiKey.id.desc())))


def revoke(key_id: int) -> None:
    """End a key's use; the acts that it made keep its name.

    Raises:
        NotFound: there is no such key in use.
    """
    end = update(ApiKey).where(ApiKey.id == key_id, ApiKey.revoked_at.is_(None)).values(revoked_at=now())
    with writing():
        if db.session.scalar(end.returning(ApiKey.id)) is None:
            raise NotFound("There is no such key in use.")


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
