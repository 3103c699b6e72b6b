"""Choosing a password by a link that an admin handed over. The link is what lets a person in here."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import logout_user

from webapp.errors import Invalid
from webapp.models import User
from webapp.routes import access
from webapp.services.accounts import passwords

bp = Blueprint("passwords", __name__, url_prefix="/password")
access.public(bp)


@bp.get("/<token>")
def choose(token: str) -> ResponseReturnValue:
    return _form(passwords.behind(token))


@bp.post("/<token>")
def chosen(token: str) -> ResponseReturnValue:
    """Set the password; whoever was signed in at this browser is not any more."""
    try:
        person = passwords.choose(token, request.form.get("password", ""))
    except Invalid as wrong:
        return _form(passwords.behind(token), wrong.fields), 422
    logout_user()
    session.clear()
    flash(f"Your password is set, {person.name}. Log in with it.")
    return redirect(url_for("auth.login"), 303)


def _form(person: User, errors: dict[str, str] | None = None) -> str:
    return render_template(
        "accounts/auth/password.html", person=person, errors=errors or {}, expected=passwords.EXPECTED
    )
