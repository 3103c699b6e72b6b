"""The members of staff, for admins: inviting them, their roles, and links to choose a password."""

from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Conflict, Invalid
from webapp.extensions import htmx
from webapp.i18n import gettext
from webapp.models import Role, User
from webapp.routes import access
from webapp.routes.responses import actor, form_version, fragment_or_redirect, own_address
from webapp.services.accounts import passwords, staff
from webapp.services.accounts.passwords import Link

bp = Blueprint("people", __name__, url_prefix="/admin/people")
access.require(bp, Role.ADMIN)
ONE = "/<row:person_id>"


@bp.get("")
def index() -> ResponseReturnValue:
    return render_template("accounts/people/index.html", members=staff.list_all())


@bp.get("/new")
def new() -> ResponseReturnValue:
    return render_template("accounts/people/new.html", errors={})


@bp.post("/invitation")
def invite() -> ResponseReturnValue:
    """Add a person. Only this answer shows their link."""
    typed = request.form
    try:
        person = staff.invite(
            typed.get("email", ""), name=typed.get("name", ""), role=typed.get("role", ""), by=actor()
        )
    except Invalid as error:
        return render_template("accounts/people/new.html", errors=error.fields), 422
    return _page(person, passwords.link_for(person))


@bp.get(ONE)
def show(person_id: int) -> ResponseReturnValue:
    return _page(staff.get(person_id))


@bp.post(f"{ONE}/link")
def link(person_id: int) -> ResponseReturnValue:
    person = staff.get(person_id)
    staff.new_link(person, by=actor())
    made = passwords.link_for(person)
    return render_template("accounts/people/_person.html", **_needs(person, made)) if htmx else _page(person, made)


@bp.post(f"{ONE}/role")
def role(person_id: int) -> ResponseReturnValue:
    person, to = staff.get(person_id), _role("role")
    staff.change_role(person, to, was=_role("was"), by=actor())
    return _done(person, gettext("The role of %(name)s is now: %(role)s.", name=person.name, role=words.ROLE[to].label))


@bp.post(f"{ONE}/suspension")
def switch_off(person_id: int) -> ResponseReturnValue:
    person = staff.get(person_id)
    staff.switch(person, on=False, by=actor())
    return _done(person, gettext("%(name)s is switched off, and signed out everywhere.", name=person.name))


@bp.post(f"{ONE}/readmission")
def switch_on(person_id: int) -> ResponseReturnValue:
    person = staff.get(person_id)
    staff.switch(person, on=True, by=actor())
    return _done(person, gettext("%(name)s may sign in again.", name=person.name))


@bp.post(f"{ONE}/sign-out")
def end_sessions(person_id: int) -> ResponseReturnValue:
    person = staff.get(person_id)
    staff.end_sessions(person, epoch=form_version(), by=actor())
    return _done(person, gettext("%(name)s is signed out everywhere.", name=person.name))


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Say who was first, or why not, and show the person as they are now."""
    person = staff.get((request.view_args or {})["person_id"])
    return _done(person, error.sentence, tone="bad", status=error.status)


def _page(person: User, made: Link | None = None) -> str:
    return render_template("accounts/people/show.html", **_needs(person, made))


def _done(person: User, toast: str, tone: str = "", status: int = 200) -> ResponseReturnValue:
    page = url_for(".show", person_id=person.id)
    return fragment_or_redirect(
        "accounts/people/_person.html", otherwise=page, toast=toast, tone=tone, status=status, **_needs(person)
    )


def _needs(person: User, made: Link | None = None) -> dict[str, Any]:
    address = own_address(url_for("passwords.choose", token=made.token)) if made else ""
    return {"person": person, "history": staff.history(person), "link": made, "address": address}


def _role(field: str) -> Role:
    """Returns the role that the form names.

    Raises:
        Invalid: there is no such role.
    """
    typed = request.form.get(field, "")
    if typed not in list(Role):
        raise Invalid(gettext("Choose a role, then try again."))
    return Role(typed)
