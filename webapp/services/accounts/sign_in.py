"""Adding members of staff by command, signing in, and the choices of one's own account."""

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from webapp import i18n, security
from webapp.database import writing
from webapp.errors import Invalid, NotFound, Taken
from webapp.extensions import db
from webapp.models import Role, User
from webapp.services.parsing import fields
from webapp.services.parsing.text import one_line

SHORTEST_PASSWORD = 10  # For commands: scripts rely on it. Pages ask for more, in passwords.py.


def add(email: str, *, name: str, role: Role, password: str, is_demo: bool = False) -> User:
    """Add a member of staff.

    Raises:
        Invalid: the e-mail is malformed, or the password too short.
        Taken: somebody has that e-mail.
    """
    user = User(
        email=_email(email), name=one_line(name) or email, role=role, is_demo=is_demo, password_hash=_hash(password)
    )
    try:
        with writing():
            db.session.add(user)
    except IntegrityError as error:
        raise Taken(i18n.gettext("There is a user %(email)s already.", email=email)) from error
    return user


def set_password(email: str, password: str) -> None:
    """Set a password, and end all sessions of its owner.

    Raises:
        NotFound: nobody has that e-mail.
        Invalid: the password is too short.
    """
    hashed = _hash(password)
    with writing():
        user = by_email(email)
        if user is None:
            raise NotFound(i18n.gettext("There is no user %(email)s.", email=email))
        user.password_hash = hashed
        user.session_epoch += 1


def set_keys(user: User, *, on: bool) -> None:
    """Switch single-key shortcuts on or off for a person."""
    with writing():
        db.session.execute(update(User).where(User.id == user.id).values(keys_on=on))


def set_language(user: User, language: str) -> None:
    """Set the language of a person's pages; an empty one leaves it to the browser.

    Raises:
        Invalid: there are no pages in that language.
    """
    if language and language not in i18n.LANGUAGES:
        raise Invalid(i18n.gettext("There are no pages in that language."))
    with writing():
        db.session.execute(update(User).where(User.id == user.id).values(language=language or None))


def by_email(email: str) -> User | None:
    """Returns the member of staff who has this e-mail, or None."""
    return db.session.scalar(select(User).where(User.email == email.strip().lower()))


def sign_in(email: str, password: str) -> User | None:
    """Returns the person if the password fits and they may sign in."""
    user = by_email(email)
    fits = security.password_fits(user, password)
    return user if fits and user is not None and user.is_enabled else None


def _email(typed: str) -> str:
    try:
        return fields.email(typed)
    except ValueError as error:
        raise Invalid(fields={"email": str(error)}) from error


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        sentence = i18n.gettext("A password has at least %(least)s characters.", least=SHORTEST_PASSWORD)
        raise Invalid(fields={"password": sentence})
    return security.hash_password(password)
