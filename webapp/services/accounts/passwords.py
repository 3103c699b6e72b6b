"""The rules for passwords, and choosing one: with a link from an admin, or with the current password.

A link is a signed token, with nothing in the database. It names the person and a fingerprint of the password and the
session epoch that they had when the link was made. So it stops working when the password or the epoch changes.
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
from webapp.i18n import gettext
from webapp.models import Action, User
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.settings import current

SHORTEST, LONGEST = 12, 200  # Longer ones would only keep the hasher busy.
FOR_A_NEW_PERSON, FOR_A_NEW_PASSWORD = timedelta(hours=72), timedelta(hours=24)
# The passwords that are guessed first, as far as they are long enough.
GUESSED_FIRST = ("passwordpassword", "password1234", "123456789012", "1234567890123", "qwertyuiop123", "administrator")


@dataclass(frozen=True)
class Link:
    """Lets its holder choose a password."""

    token: str
    lasts: timedelta


def expected() -> str:
    """Returns what a password must be like, as a hint."""
    return gettext(
        "At least %(shortest)s characters. A few words that nobody else would put together are easy to remember.",
        shortest=SHORTEST,
    )


def link_for(person: User) -> Link:
    """Make a link: good for 72 hours for somebody who has no password yet, else for 24."""
    lasts = FOR_A_NEW_PASSWORD if person.has_password else FOR_A_NEW_PERSON
    return Link(str(_signer().dumps([person.id, _fingerprint(person)])), lasts)


def user_for_link(token: str) -> User:
    """Returns the person whom a link is for.

    Raises:
        NotFound: it is none of ours, or has stopped working.
    """
    try:
        (person_id, fingerprint), made = _signer().loads(token, return_timestamp=True)
        person = db.session.get(User, person_id)
    except (BadData, ValueError, TypeError) as error:
        raise _expired() from error
    if person is None or not person.is_enabled or fingerprint != _fingerprint(person) or _is_over(person, made):
        raise _expired()
    return person


def _expired() -> NotFound:
    return NotFound(
        gettext("This link has expired: it was used already, is too old or was replaced. Ask an admin for a new one.")
    )


def choose(token: str, password: str) -> User:
    """Set the password of the person whom a link is for. The link and all sessions of theirs end.

    Raises:
        NotFound: the link has stopped working.
        Invalid: the password does not fit.
    """
    person = user_for_link(token)
    _set(person, password, by=audit.person(person), field="password")
    return person


def change(person: User, present: str, password: str, *, by: Actor) -> None:
    """Change one's own password. All sessions end; the caller opens a new one for this browser.

    Raises:
        Invalid: the current one is wrong, or the new one does not fit.
        Outrun: it was changed elsewhere in between.
    """
    if not security.password_fits(person, present):
        raise Invalid(fields={"present": gettext("This is not your current password.")})
    _set(person, password, by=by, field="new")


def _set(person: User, password: str, *, by: Actor, field: str) -> None:
    """Set a password by a guarded UPDATE: of two who saw the same old password the second gets an error."""
    if sentence := problem(person, password):
        raise Invalid(fields={field: sentence})
    hashed, seen, epoch = security.hash_password(password), person.password_hash, person.session_epoch
    with writing():
        done = changed(
            update(User)
            .where(User.id == person.id, User.password_hash == seen, User.session_epoch == epoch, User.is_enabled)
            .values(password_hash=hashed, session_epoch=User.session_epoch + 1)
        )
        if done != 1:
            raise Outrun(
                gettext("The password was changed elsewhere in between. Sign in with that one, or ask for a link.")
            )
        audit.record(Action.PASSWORD_CHANGED, by=by, person=person.id, name=person.name)
    db.session.refresh(person)


def problem(person: User, password: str) -> str:
    """Returns why a password does not fit, or an empty text. There is no rule about symbols or digits."""
    plain = password.casefold()
    if len(password) < SHORTEST:
        return gettext("Choose at least %(least)s characters: this has %(has)s.", least=SHORTEST, has=len(password))
    if len(password) > LONGEST:
        return gettext("Choose at most %(most)s characters: this has %(has)s.", most=LONGEST, has=len(password))
    if len(set(plain)) < 4 or plain in GUESSED_FIRST:
        return gettext("This is among the first that would be guessed. Choose a few words instead.")
    if plain in (person.email, person.email.partition("@")[0], person.name.casefold()):
        return gettext("Your own name or e-mail would be guessed at once. Choose a few words instead.")
    return ""


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(
        current().secret, salt="password-link", signer_kwargs={"digest_method": hashlib.sha256}
    )


def _fingerprint(person: User) -> str:
    return hashlib.sha256(f"{person.password_hash}.{person.session_epoch}".encode()).hexdigest()[:24]


def _is_over(person: User, made: datetime) -> bool:
    return clock.now() - made > (FOR_A_NEW_PASSWORD if person.has_password else FOR_A_NEW_PERSON)
