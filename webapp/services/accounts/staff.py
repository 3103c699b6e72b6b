"""The members of staff: inviting them, and changing them so that an admin is always left."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from webapp import words
from webapp.database import changed, writing
from webapp.errors import Conflict, Invalid, NotFound, Outrun
from webapp.extensions import db
from webapp.i18n import gettext
from webapp.models import NO_PASSWORD, Action, Audit, Role, User
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.parsing import fields
from webapp.services.parsing.text import one_line

LONGEST_NAME = 200
ABOUT_PEOPLE = (Action.PERSON_ADDED, Action.PERSON_CHANGED, Action.PASSWORD_CHANGED, Action.SESSIONS_ENDED)
SHOWN = 20


@dataclass(frozen=True)
class Member:
    """A person, with their last action."""

    person: User
    last: Audit | None


def list_all() -> list[Member]:
    """Returns all members of staff by name, active ones first. One read of an index finds the last action of each."""
    newest = select(func.max(Audit.id)).where(Audit.user_id == User.id).correlate(User).scalar_subquery()
    rows = db.session.execute(
        select(User, Audit).outerjoin(Audit, Audit.id == newest).order_by(User.is_enabled.desc(), User.name, User.id)
    )
    return [Member(person, last) for person, last in rows]


def get(person_id: int) -> User:
    """Returns a person.

    Raises:
        NotFound: nobody has that id.
    """
    found = db.session.get(User, person_id)
    if found is None:
        raise NotFound(gettext("There is no such person."))
    return found


def history(person: User) -> Sequence[Audit]:
    """Returns the actions on a person's account, newest first."""
    about = Audit.detail["person"].as_integer() == person.id
    acts = select(Audit).where(Audit.action.in_(ABOUT_PEOPLE), about)
    return db.session.scalars(acts.order_by(Audit.id.desc()).limit(SHOWN)).all()


def invite(email: str, *, name: str, role: str, by: Actor) -> User:
    """Add a person without a password. A link lets them choose one.

    Raises:
        Invalid: a field is wrong, or somebody has that e-mail.
    """
    plain, wrong = one_line(name), {}
    if not 0 < len(plain) <= LONGEST_NAME:
        wrong["name"] = gettext("Enter a name of 1 to %(most)s characters.", most=LONGEST_NAME)
    if role not in list(Role):
        wrong["role"] = gettext("Choose what this person may do.")
    try:
        address = fields.email(email)
    except ValueError as error:
        raise Invalid(fields={"email": str(error), **wrong}) from error
    if wrong:
        raise Invalid(fields=wrong)
    person = User(email=address, name=plain, role=Role(role), password_hash=no_password())
    try:
        with writing():
            db.session.add(person)
            db.session.flush()
            role_text = words.ROLE[role].text
            audit.record(Action.PERSON_ADDED, by=by, person=person.id, name=plain, email=address, role=role_text)
    except IntegrityError as error:
        return _invited_before(address, by, error)
    return person


def no_password() -> str:
    """A placeholder hash that no password matches. It is random, so that older links stop working."""
    return NO_PASSWORD + secrets.token_hex(16)


def _invited_before(address: str, by: Actor, error: Exception) -> User:
    other = db.session.scalars(select(User).where(User.email == address)).one_or_none()
    name = other.name if other else gettext("Somebody")
    taken = Invalid(fields={"email": gettext("%(name)s has this e-mail already.", name=name)})
    taken.__cause__ = error
    return get(audit.first_result(by, taken).detail["person"])


def new_link(person: User, *, by: Actor) -> None:
    """Record that a link to choose a password is handed out. Older links of an invited person stop working.

    Raises:
        Conflict: the person is switched off, or is the one who asks.
    """
    _not_oneself(person, by, gettext("Change your own password on your account page."))
    try:
        with writing():
            db.session.refresh(person)
            if not person.is_enabled:
                raise Conflict(gettext("%(name)s is switched off: a link would not let them in.", name=person.name))
            if not person.has_password:
                person.password_hash = no_password()
            audit.record(Action.PERSON_CHANGED, by=by, person=person.id, name=person.name, link="handed out")
    except IntegrityError:
        return  # The same form again: its link is made again.


def change_role(person: User, to: Role, *, was: Role, by: Actor) -> None:
    """Give a person another role.

    Raises:
        Outrun: somebody changed the role in between.
        Conflict: it is one's own role, or no admin would be left.
    """
    _not_oneself(person, by, gettext("Ask another admin to change your own role."))
    demotes = [] if to is Role.ADMIN else [_leaves_an_admin(person.id)]
    detail = {"role": [words.ROLE[was].text, words.ROLE[to].text]}
    _change(person, [User.role == was, *demotes], {"role": to}, Action.PERSON_CHANGED, by, detail)


def switch(person: User, *, on: bool, by: Actor) -> None:
    """Switch a person on or off. Switching off ends their sessions too.

    Raises:
        Outrun: somebody did so already.
        Conflict: it is oneself, or no admin would be left.
    """
    _not_oneself(person, by, gettext("You cannot switch yourself off: ask another admin."))
    values = {"is_enabled": on, "session_epoch": User.session_epoch + (0 if on else 1)}
    keeps = [] if on else [_leaves_an_admin(person.id)]
    detail = {"may log in": ["no", "yes"] if on else ["yes", "no"]}
    _change(person, [User.is_enabled.is_(not on), *keeps], values, Action.PERSON_CHANGED, by, detail)


def end_sessions(person: User, *, epoch: int, by: Actor) -> None:
    """Sign a person out everywhere. Their open links stop working too.

    Raises:
        Outrun: somebody did so already.
        Conflict: it is oneself.
    """
    _not_oneself(person, by, gettext("Sign out here, or change your password to end your other sessions."))
    values = {"session_epoch": User.session_epoch + 1}
    _change(person, [User.session_epoch == epoch], values, Action.SESSIONS_ENDED, by, {})


def _change(
    person: User, guards: list[ColumnElement[bool]], values: Mapping[str, Any], action: Action, by: Actor,
    detail: Mapping[str, Any],
) -> None:  # fmt: skip
    """Change a person by a guarded UPDATE; the row count says who was first. A repeated form is no error."""
    try:
        with writing():
            _hold_admins()
            if changed(update(User).where(User.id == person.id, *guards).values(values)) != 1:
                raise _refusal(person, guards[0])
            audit.record(action, by=by, person=person.id, name=person.name, **detail)
    except (Conflict, IntegrityError) as error:
        first = audit.first_result(by, error)
        if any(first.detail.get(name) != value for name, value in detail.items()):
            raise  # The same form in another tab, with something else chosen.
    db.session.refresh(person)


def _hold_admins() -> None:
    """Lock the rows of the admins: of two who demote each other the second must see what the first did.

    SQLite has one writer at a time anyway.
    """
    db.session.execute(select(User.id).where(_is_an_admin(User)).order_by(User.id).with_for_update())


def _is_an_admin(table: type[User]) -> ColumnElement[bool]:
    """The condition for an admin who can sign in. An invited one cannot yet."""
    return and_(table.role == Role.ADMIN, table.is_enabled, table.password_hash.not_like(f"{NO_PASSWORD}%"))


def _leaves_an_admin(person_id: int) -> ColumnElement[bool]:
    other = aliased(User)
    another = exists().where(_is_an_admin(other), other.id != person_id)
    return or_(User.role != Role.ADMIN, User.is_enabled.is_(False), another)


def _refusal(person: User, guard: ColumnElement[bool]) -> Conflict:
    """Returns why nothing was changed: somebody was first, or no admin would be left."""
    if db.session.scalar(select(User.id).where(User.id == person.id, guard)) is not None:
        sentence = gettext(
            "%(name)s is the last admin who can sign in. Make somebody else an admin first.", name=person.name
        )
        return Conflict(sentence)
    last = next(iter(history(person)), None)
    if last is None:
        return Outrun(gettext("%(name)s was not changed: somebody was first.", name=person.name))
    return Outrun(
        gettext(
            "%(name)s was not changed: %(first)s %(did)s just before you.",
            name=person.name, first=last.actor, did=audit.ACTS[last.action].did,
        )
    )  # fmt: skip


def _not_oneself(person: User, by: Actor, advice: str) -> None:
    if by.user_id == person.id:
        raise Conflict(advice)
