"""Choosing a password with a link from an admin. The link replaces signing in."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from webapp.errors import Invalid
from webapp.i18n import gettext
from webapp.models import User
from webapp.routes import access
from webapp.services.accounts import passwords

bp = Blueprint("passwords", __name__, url_prefix="/password")
access.public(bp)


@bp.get("/<token>")
def choose(token: str) -> ResponseReturnValue:
    return _form(passwords.user_for_link(token))


@bp.post("/<token>")
def chosen(token: str) -> ResponseReturnValue:
    """Set the password, and sign out whoever was signed in at this browser."""
    try:
        person = passwords.choose(token, request.form.get("password", ""))
    except Invalid as error:
        return _form(passwords.user_for_link(token), error.fields), 422
    logout_user()
    session.clear()
    session["chosen_for"] = person.email  # The next form has it filled in.
    flash(gettext("Your password is set, %(name)s. Sign in with it.", name=person.name))
    return redirect(url_for("auth.login"), 303)


def _form(person: User, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "accounts/auth/password.html", person=person, errors=errors or {}, expected=passwords.expected()
    )
