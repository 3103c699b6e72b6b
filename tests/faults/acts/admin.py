"""Acts on people, keys, one's own account, and returned mail."""

import secrets

from sqlalchemy import delete, func, select

from tests.factories import PASSWORD, a_user
from tests.faults.acts.base import ROSA, Post, Scenario, key, numbers
from webapp.database import writing
from webapp.extensions import db
from webapp.models import ApiKey, ReturnedMail, Role, Setting
from webapp.services.accounts import api_keys, passwords, staff
from webapp.services.business import change

NEW = "four words put together"


def _person(noun: str, **more: str) -> Scenario:
    return lambda: Post(f"/admin/people/{a_user().id}/{noun}", key() | more)


def _switch_on() -> Post:
    person = a_user()
    staff.switch(person, on=False, by=ROSA)
    return Post(f"/admin/people/{person.id}/readmission", key())


def _invitation() -> Post:
    form = {"name": "Kim", "email": f"kim{next(numbers)}@desk.example", "role": "front_desk"}
    return Post("/admin/people/invitation", form | key())


def _revocation() -> Post:
    api_keys.create(f"Key {next(numbers)}")
    key_id = db.session.scalars(select(func.max(ApiKey.id))).one()
    return Post(f"/admin/keys/{key_id}/revocation", key())


def _password() -> Post:
    return Post("/account/password", {"present": PASSWORD, "new": NEW}, person=a_user())


def _chosen() -> Post:
    return Post(f"/password/{passwords.link_for(a_user()).token}", {"password": NEW}, is_public=True)


def _returned_mail() -> Post:
    with writing():
        mail = ReturnedMail(digest=secrets.token_hex(32), content="Sorry.")
        db.session.add(mail)
    return Post(f"/admin/returned-mail/{mail.id}/archiving", {})


def _name() -> dict[str, str]:
    """Returns a new name for a business that has none yet."""
    with writing():
        db.session.execute(delete(Setting))
    return {"business_name": f"Harbour {next(numbers)}"}


def _settings_undo() -> Post:
    act = change.save(change.group("business"), _name(), seen="", by=ROSA)
    assert act is not None
    return Post("/admin/settings/undo", {"act": str(act.id)} | key())


ACTS: dict[str, Scenario] = {
    "people.invite": _invitation,
    "people.role": _person("role", role="manager", was="front_desk"),
    "people.switch_off": _person("suspension"),
    "people.switch_on": _switch_on,
    "people.end_sessions": _person("sign-out", version="1"),
    "people.link": _person("link"),
    "keys.create": lambda: Post("/admin/keys", {"name": f"K{next(numbers)}"} | key()),
    "keys.revoke": _revocation,
    "account.change_password": _password,
    "account.language": lambda: Post("/account/language", {"language": "de"}, person=a_user()),
    "account.keys": lambda: Post("/account/keys", {}, person=a_user()),
    "morning_mail.switch": lambda: Post("/account/morning-mail", {"mail": "on"}, person=a_user(Role.MANAGER)),
    "settings.save": lambda: Post("/admin/settings/business", _name() | {"seen": ""} | key()),
    "settings.take_back": _settings_undo,
    "passwords.chosen": _chosen,
    "returned_mail.put_away": _returned_mail,
}
