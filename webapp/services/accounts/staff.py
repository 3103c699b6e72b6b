"""The staff as admins keep it: who there is, inviting, and changes that always leave somebody who can undo them."""

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
from webapp.models import NO_PASSWORD, Action, Audit, Role, User
from webapp.services import audit
from webapp.services.audit import Actor
from webapp.services.parsing import contact
from webapp.services.parsing.text import one_line

LONGEST_NAME = 200
ABOUT_PEOPLE = (Action.PERSON_ADDED, Action.PERSON_CHANGED, Action.PASSWORD_CHANGED, Action.SESSIONS_ENDED)
SHOWN = 20


@dataclass(frozen=True)
class Member:
    """A person and what they did last."""

    person: User
    last: Audit | None


def everybody() -> list[Member]:
    """All members of staff by name, those who may come in first; one read of an index for what each did last."""
    newest = select(func.max(Audit.id)).where(Audit.user_id == User.id).correlate(User).scalar_subquery()
    rows = db.session.execute(
        select(User, Audit).outerjoin(Audit, Audit.id == newest).order_by(User.is_enabled.desc(), User.name, User.id)
    )
    return [Member(person, last) for person, last in rows]


def get(person_id: int) -> User:
    """Find a person.

    Raises:
        NotFound: there is none of that id.
    """
    found = db.session.get(User, person_id)
    if found is None:
        raise NotFound("There is no such person.")
    return found


def history(person: User) -> Sequence[Audit]:
    """What was done about a person's sign-in, newest first."""
    about = Audit.detail["person"].as_integer() == person.id
    acts = select(Audit).where(Audit.action.in_(ABOUT_PEOPLE), about)
    return db.session.scalars(acts.order_by(Audit.id.desc()).limit(SHOWN)).all()


def invite(email: str, *, name: str, role: str, by: Actor) -> User:
    """Add somebody who has no password yet; a link lets them choose one.

    Raises:
        Invalid: a field cannot be taken, or somebody has that e-mail.
    """
    plain = one_line(name)
    wrong = {} if 0 < len(plain) <= LONGEST_NAME else {"name": f"Enter a name of 1 to {LONGEST_NAME} characters."}
    wrong |= {} if role in list(Role) else {"role": "Choose what this person may do."}
    try:
        address = contact.read_email(email)
    except ValueError as malformed:
        raise Invalid(fields={"email": str(malformed), **wrong}) from malformed
    if wrong:
        raise Invalid(fields=wrong)
    person = User(email=address, name=plain, role=Role(role), password_hash=no_password())
    try:
        with writing():
            db.session.add(person)
            db.session.flush()
            audit.record(
                Action.PERSON_ADDED, by=by, person=person.id, name=plain, email=address, role=words.ROLE[role].label
            )
    except IntegrityError as known:
        return _invited_before(address, by, known)
    return person


def no_password() -> str:
    """Stands where a hash will: nothing typed ever fits it, and each is another, so that older links die."""
    return NO_PASSWORD + secrets.token_hex(16)


def _invited_before(address: str, by: Actor, known: Exception) -> User:
    other = db.session.scalars(select(User).where(User.email == address)).one_or_none()
    taken = Invalid(fields={"email": f"{other.name if other else 'Somebody'} has this e-mail already."})
    taken.__cause__ = known
    return get(audit.first_result(by, taken).detail["person"])


def new_link(person: User, *, by: Actor) -> None:
    """Write down that a link to choose a password is handed out; of an invited person's, older ones die.

    Raises:
        Conflict: the person is switched off, or is the one who asks.
    """
    _not_oneself(person, by, "Change your own password on your account page.")
    try:
        with writing():
            db.session.refresh(person)
            if not person.is_enabled:
                raise Conflict(f"{person.name} is switched off: a link would not let them in.")
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
    _not_oneself(person, by, "Ask another admin to change your own role.")
    demotes = [] if to is Role.ADMIN else [_leaves_an_admin(person.id)]
    detail = {"role": [words.ROLE[was].label, words.ROLE[to].label]}
    _change(person, [User.role == was, *demotes], {"role": to}, Action.PERSON_CHANGED, by, detail)


def switch(person: User, *, on: bool, by: Actor) -> None:
    """Let a person in again, or keep them out; that ends their sessions too.

    Raises:
        Outrun: somebody did so already.
        Conflict: it is oneself, or no admin would be left.
    """
    _not_oneself(person, by, "Nobody switches themselves off: ask another admin.")
    values = {"is_enabled": on, "session_epoch": User.session_epoch + (0 if on else 1)}
    keeps = [] if on else [_leaves_an_admin(person.id)]
    detail = {"may log in": ["no", "yes"] if on else ["yes", "no"]}
    _change(person, [User.is_enabled.is_(not on), *keeps], values, Action.PERSON_CHANGED, by, detail)


def end_sessions(person: User, *, epoch: int, by: Actor) -> None:
    """Sign a person out everywhere; open links of theirs die too.

    Raises:
        Outrun: somebody did so already.
        Conflict: it is oneself.
    """
    _not_oneself(person, by, "Log out here, or change your password to end your other sessions.")
    more = {"session_epoch": User.session_epoch + 1}
    _change(person, [User.session_epoch == epoch], more, Action.SESSIONS_ENDED, by, {})


def _change(
    person: User, guards: list[ColumnElement[bool]], values: Mapping[str, Any], action: Action, by: Actor,
    detail: Mapping[str, Any],
) -> None:  # fmt: skip
    """One guarded UPDATE; the row count says who won. Whoever repeats their own form is told nothing."""
    try:
        with writing():
            _hold_admins()
            if changed(update(User).where(User.id == person.id, *guards).values(values)) != 1:
                raise _refusal(person, guards[0])
            audit.record(action, by=by, person=person.id, name=person.name, **detail)
    except (Conflict, IntegrityError) as refusal:
        first = audit.first_result(by, refusal)
        if any(first.detail.get(name) != value for name, value in detail.items()):
            raise  # The same form in another tab, with something else chosen.
    db.session.refresh(person)


def _hold_admins() -> None:
    """Lock the admins' rows: of two who demote each other the second must see what the first did.

    SQLite has one writer at a time anyway.
    """
    db.session.execute(select(User.id).where(_is_an_admin(User)).order_by(User.id).with_for_update())


def _is_an_admin(table: type[User]) -> ColumnElement[bool]:
    """Somebody who can come in and act as one: an invited one cannot yet."""
    return and_(
        table.role == Role.ADMIN, table.is_enabled, table.password_hash.not_like(f"{NO_PASSWORD}%"),
    )  # fmt: skip


def _leaves_an_admin(person_id: int) -> ColumnElement[bool]:
    other = aliased(User)
    another = exists().where(_is_an_admin(other), other.id != person_id)
    return or_(User.role != Role.ADMIN, User.is_enabled.is_(False), another)


def _refusal(person: User, guard: ColumnElement[bool]) -> Conflict:
    """Why nothing was changed: somebody was first, or nobody would be left to let people in."""
    if db.session.scalar(select(User.id).where(User.id == person.id, guard)) is not None:
        return Conflict(f"{person.name} is the last admin who can log in. Make somebody else an admin first.")
    last = next(iter(history(person)), None)
    first = f"{last.actor} {audit.ACTS[last.action].did} just before you" if last else "somebody was faster"
    return Outrun(f"{person.name} was not changed: {first}. Here is how it stands now.")


def _not_oneself(person: User, by: Actor, advice: str) -> None:
    if by.user_id == person.id:
        raise Conflict(advice)
