"""What makes a password fit, and choosing one: by a link that an admin handed over, or with the present one.

A link is a signed token and nothing in the database. It names the person and a fingerprint of the password and the
epoch that they had when it was made, so it is dead once it was used, or once anything overtook it.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import update

from webapp import clock, security
from webapp.database import changed, writing
from webapp.errors import Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.models import Action, User
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.settings import current

SHORTEST, LONGEST = 12, 200  # Longer ones would only keep the hasher busy.
EXPECTED = f"At least {SHORTEST} characters. A few words that nobody else would put together are easy to remember."
FOR_A_NEW_PERSON, FOR_A_NEW_PASSWORD = timedelta(hours=72), timedelta(hours=24)
DEAD = "This link is not good any more: it was used, it is too old, or something newer overtook it."
# What guessing starts with, as far as it is long enough to be taken otherwise.
GUESSED_FIRST = ("passwordpassword", "password1234", "123456789012", "1234567890123", "qwertyuiop123", "administrator")


@dataclass(frozen=True)
class Link:
    """A way to choose a password, for whoever holds it."""

    token: str
    lasts: timedelta


def link_for(person: User) -> Link:
    """Make a link: 72 hours for somebody who has no password yet, 24 for another one."""
    lasts = FOR_A_NEW_PASSWORD if person.has_password else FOR_A_NEW_PERSON
    return Link(str(_signer().dumps([person.id, _fingerprint(person)])), lasts)


def behind(token: str) -> User:
    """The person whom a link is for.

    Raises:
        NotFound: it is none of ours, or not good any more.
    """
    try:
        (person_id, fingerprint), made = _signer().loads(token, return_timestamp=True)
        person = db.session.get(User, person_id)
    except (BadData, ValueError, TypeError) as none:
        raise NotFound(f"{DEAD} Ask an admin for a new one.") from none
    if person is None or not person.is_enabled or fingerprint != _fingerprint(person) or _is_over(person, made):
        raise NotFound(f"{DEAD} Ask an admin for a new one.")
    return person


def choose(token: str, password: str) -> User:
    """Set the password of the person whom a link is for; the link is dead afterwards, and so are all sessions.

    Raises:
        NotFound: the link is not good any more.
        Invalid: the password does not fit.
    """
    person = behind(token)
    _set(person, password, by=audit.person(person), field="password")
    return person


def change(person: User, present: str, password: str, *, by: Actor) -> None:
    """Change one's own password; all sessions end, and the caller opens a new one for the one at work.

    Raises:
        Invalid: the present one is wrong, or the new one does not fit.
        Outrun: it was changed elsewhere in between.
    """
    if not security.password_fits(person, present):
        raise Invalid(fields={"present": "This is not your present password."})
    _set(person, password, by=by, field="new")


def _set(person: User, password: str, *, by: Actor, field: str) -> None:
    """One guarded UPDATE: of two that saw the same password the second is told so."""
    if wrong := problem(person, password):
        raise Invalid(fields={field: wrong})
    hashed, seen, epoch = security.hash_password(password), person.password_hash, person.session_epoch
    with writing():
        done = changed(
            update(User)
            .where(User.id == person.id, User.password_hash == seen, User.session_epoch == epoch, User.is_enabled)
            .values(password_hash=hashed, session_epoch=User.session_epoch + 1)
        )
        if done != 1:
            raise Outrun("The password was changed elsewhere in between. Log in with that one, or ask for a link.")
        audit.record(Action.PASSWORD_CHANGED, by=by, person=person.id, name=person.name)
    db.session.refresh(person)


def problem(person: User, password: str) -> str:
    """Why a password does not fit, as a sentence; empty where it does. Signs and digits are nobody's business."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return f"Choose at least {SHORTEST} characters: this has {len(password)}."
    if len(password) > LONGEST:
        return f"Choose at most {LONGEST} characters: this has {len(password)}."
    if len(set(plain)) < 4 or plain in GUESSED_FIRST:
        return "This is among the first that would be guessed. Choose a few words instead."
    if plain in (person.email, person.email.partition("@")[0], person.name.casefold()):
        return "Your own name or e-mail would be guessed at once. Choose a few words instead."
    return ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current().secret, salt="password-link", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _fingerprint(person: User) -> str:
    return hashlib.sha256(f"{person.password_hash}.{person.session_epoch}".encode()).hexdigest()[:24]


def _is_over(person: User, made: datetime) -> bool:
    return clock.now() - made > (FOR_A_NEW_PASSWORD if person.has_password else FOR_A_NEW_PERSON)
