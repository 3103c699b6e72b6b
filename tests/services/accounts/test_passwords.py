"""Choosing a password by a link, or with the present one."""

import pytest
import time_machine

from tests.factories import PASSWORD, a_user
from webapp import clock
from webapp.errors import Invalid, NotFound
from webapp.models import Role, User
from webapp.services.accounts import passwords, sign_in, staff
from webapp.services.audit import Actor, person

pytestmark = pytest.mark.usefixtures("app")
NEW = "four quiet brown horses"
ADMIN = Actor("Aisha Bello", None)


def an_invited_person() -> User:
    return staff.invite("anna@desk.example", name="Anna Berg", role=Role.MANAGER, by=ADMIN)


def token(of: User) -> str:
    return passwords.link_for(of).token


def test_a_link_lets_an_invited_person_choose_and_come_in() -> None:
    anna = an_invited_person()

    passwords.choose(token(anna), NEW)

    assert sign_in.sign_in("anna@desk.example", NEW) == anna


def test_a_link_is_good_once() -> None:
    anna = an_invited_person()
    link = token(anna)
    passwords.choose(link, NEW)

    with pytest.raises(NotFound, match="Ask an admin for a new one"):
        passwords.choose(link, "another quiet brown horse")

    assert sign_in.sign_in("anna@desk.example", NEW) is not None


@pytest.mark.parametrize(("hours", "is_good"), [(71, True), (73, False)])
def test_an_invitation_is_good_for_three_days(hours: int, is_good: bool) -> None:
    link = token(an_invited_person())

    with time_machine.travel(clock.now().timestamp() + hours * 3600):
        assert lives(link) is is_good


@pytest.mark.parametrize(("hours", "is_good"), [(23, True), (25, False)])
def test_a_link_for_another_password_is_good_for_a_day(hours: int, is_good: bool) -> None:
    link = token(a_user())

    with time_machine.travel(clock.now().timestamp() + hours * 3600):
        assert lives(link) is is_good


def lives(link: str) -> bool:
    try:
        passwords.user_for_link(link)
    except NotFound:
        return False
    return True


def test_what_overtakes_a_link_kills_it() -> None:
    ended, switched, changed = a_user(), a_user(), a_user()
    links = [token(one) for one in (ended, switched, changed)]

    staff.end_sessions(ended, epoch=1, by=ADMIN)
    staff.switch(switched, on=False, by=ADMIN)
    passwords.change(changed, PASSWORD, NEW, by=person(changed))

    assert [lives(link) for link in links] == [False, False, False]


def test_a_newer_link_of_an_invited_person_kills_the_older() -> None:
    anna = an_invited_person()
    older = token(anna)

    staff.new_link(anna, by=ADMIN)

    assert not lives(older) and lives(token(anna))


@pytest.mark.parametrize("forged", ["", "x", "eyJ.x.y", "WzEsIngiXQ.aQ.sig"])
def test_a_forged_link_is_no_link(forged: str) -> None:
    a_user()

    assert not lives(forged)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("x" * 201, "at most 200"),
        ("aaaaaaaaaaaaaa", "guessed"),
        ("PasswordPassword", "guessed"),
        ("anna@desk.example", "own name or e-mail"),
    ],
)
def test_a_password_that_does_not_fit_is_refused_and_the_link_lives_on(password: str, says: str) -> None:
    anna = an_invited_person()

    with pytest.raises(Invalid, match=says):
        passwords.choose(token(anna), password)

    assert not anna.has_password and lives(token(anna))


def test_signs_and_digits_are_nobodys_business() -> None:
    assert passwords.problem(a_user(), "plain words only") == ""


def test_ones_own_password_asks_for_the_present_one() -> None:
    rosa = a_user()

    with pytest.raises(Invalid) as refused:
        passwords.change(rosa, "not it", NEW, by=person(rosa))

    assert refused.value.fields.keys() == {"present"}
    assert sign_in.sign_in(rosa.email, PASSWORD) is not None
