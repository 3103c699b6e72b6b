"""The staff as admins keep it: guarded changes that always leave somebody who can undo them."""

import threading

import pytest
from flask import Flask

from tests.factories import a_user
from webapp.errors import Conflict, Invalid, Outrun
from webapp.extensions import db
from webapp.models import Action, Audit, Role, User
from webapp.services.accounts import sign_in, staff
from webapp.services.audit import Actor, person

pytestmark = pytest.mark.usefixtures("app")
both = pytest.mark.both_databases
DESK, ADMIN = Role.FRONT_DESK, Role.ADMIN
SOMEBODY = Actor("Somebody", None)


def an_actor(form_key: str | None = None) -> Actor:
    return person(a_user(ADMIN, name="Aisha Bello"), form_key=form_key)


def acts() -> list[Action]:
    return [act.action for act in db.session.query(Audit).order_by(Audit.id)]


@both
def test_an_invited_person_may_not_come_in_before_choosing_a_password() -> None:
    invited = staff.invite("Anna@Desk.example", name=" Anna  Berg ", role="manager", by=an_actor())

    assert (invited.email, invited.name, invited.role) == ("anna@desk.example", "Anna Berg", Role.MANAGER)
    assert not invited.has_password
    assert sign_in.sign_in("anna@desk.example", invited.password_hash) is None
    assert acts() == [Action.PERSON_ADDED]


def test_all_that_is_wrong_with_an_invitation_is_said_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        staff.invite("nowhere", name=" ", role="king", by=an_actor())

    assert refused.value.fields.keys() == {"email", "name", "role"}


def test_a_known_e_mail_is_refused_by_its_owners_name() -> None:
    known = a_user(name="Rosa Silva")

    with pytest.raises(Invalid, match="Rosa Silva has this e-mail already"):
        staff.invite(known.email.upper(), name="Rosa", role="manager", by=an_actor())


def test_the_same_invitation_again_finds_its_first_result() -> None:
    by = an_actor("a form")

    first = staff.invite("anna@desk.example", name="Anna", role="manager", by=by)
    again = staff.invite("anna@desk.example", name="Anna", role="manager", by=by)

    assert first.id == again.id and acts() == [Action.PERSON_ADDED]


@both
def test_the_last_admin_who_can_log_in_stays_one() -> None:
    last, by = a_user(ADMIN, name="Aisha Bello"), SOMEBODY
    staff.invite("anna@desk.example", name="Anna", role="admin", by=by)
    staff.switch(a_user(ADMIN), on=False, by=by)

    with pytest.raises(Conflict, match="Aisha Bello is the last admin"):
        staff.change_role(last, DESK, was=ADMIN, by=by)
    with pytest.raises(Conflict, match="Aisha Bello is the last admin"):
        staff.switch(last, on=False, by=by)

    assert last.role is ADMIN and last.is_enabled


@both
def test_two_admins_who_demote_each_other_leave_one(app: Flask) -> None:
    ids = [a_user(ADMIN).id, a_user(ADMIN).id]
    start, refusals = threading.Barrier(2), []

    def demote(whom: int, by: int) -> None:
        with app.app_context():
            target, actor = staff.get(whom), person(staff.get(by))
            start.wait()
            try:
                staff.change_role(target, DESK, was=ADMIN, by=actor)
            except Conflict as refusal:
                refusals.append(refusal)

    threads = [threading.Thread(target=demote, args=pair) for pair in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    db.session.rollback()
    assert [user.role for user in db.session.query(User)].count(ADMIN) == 1 and len(refusals) == 1


def test_of_two_who_change_a_role_the_second_hears_of_the_first() -> None:
    rosa = a_user(name="Rosa Silva")
    staff.change_role(rosa, Role.MANAGER, was=DESK, by=an_actor())

    with pytest.raises(Outrun, match="Rosa Silva was not changed: Aisha Bello changed a member of staff"):
        staff.change_role(rosa, ADMIN, was=DESK, by=an_actor())

    assert rosa.role is Role.MANAGER


def test_a_repeated_form_does_nothing_more() -> None:
    rosa, by = a_user(), an_actor("a form")

    staff.switch(rosa, on=False, by=by)
    staff.switch(rosa, on=False, by=by)

    assert acts() == [Action.PERSON_CHANGED] and not rosa.is_enabled


def test_whoever_is_switched_off_and_on_again_has_no_old_session() -> None:
    rosa = a_user()
    before = rosa.get_id()

    staff.switch(rosa, on=False, by=an_actor())
    staff.switch(rosa, on=True, by=an_actor())

    assert rosa.is_enabled and rosa.get_id() != before


@pytest.mark.parametrize("act", ["role", "switch", "sessions", "link"])
def test_nobody_does_it_to_themselves(act: str) -> None:
    a_user(ADMIN)
    oneself = a_user(ADMIN)
    by = person(oneself)
    do = {
        "role": lambda: staff.change_role(oneself, DESK, was=ADMIN, by=by),
        "switch": lambda: staff.switch(oneself, on=False, by=by),
        "sessions": lambda: staff.end_sessions(oneself, epoch=1, by=by),
        "link": lambda: staff.new_link(oneself, by=by),
    }

    with pytest.raises(Conflict):
        do[act]()

    assert acts() == []


@both
def test_the_list_says_what_each_did_last() -> None:
    rosa, aisha = a_user(name="Rosa Silva"), a_user(ADMIN, name="Aisha Bello")
    staff.switch(rosa, on=False, by=person(aisha))
    staff.switch(rosa, on=True, by=person(aisha))

    members = {member.person.name: member.last for member in staff.list_all()}

    assert members["Rosa Silva"] is None
    assert members["Aisha Bello"].detail["may log in"] == ["no", "yes"]  # type: ignore[union-attr]


@both
def test_a_persons_history_is_theirs_alone() -> None:
    rosa, martin = a_user(), a_user()
    staff.end_sessions(rosa, epoch=1, by=an_actor())
    staff.end_sessions(martin, epoch=1, by=an_actor())

    assert [act.detail["person"] for act in staff.history(rosa)] == [rosa.id]
