"""One's own account, for everybody who is signed in."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user

from webapp import i18n
from webapp.channels.smtp import staff_mail
from webapp.errors import Invalid
from webapp.extensions import limiter
from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import actor
from webapp.services.accounts import passwords, sign_in

bp = Blueprint("account", __name__, url_prefix="/account")
access.require(bp, Role.FRONT_DESK)
# Somebody at an unlocked screen must not find out the password by trying.
ATTEMPTS = "10 per minute; 60 per hour"


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/password")
@limiter.limit(ATTEMPTS)
def change_password() -> ResponseReturnValue:
    """Change the password. This session goes on, all others end."""
    person, typed = current_user._get_current_object(), request.form
    try:
        passwords.change(person, typed.get("present", ""), typed.get("new", ""), by=actor())
    except Invalid as error:
        return _page(error.fields), 422
    login_user(person)
    flash(i18n.gettext("Your password is changed. You are signed out everywhere but here."))
    return redirect(url_for(".index"), 303)


@bp.post("/keys")
def keys() -> ResponseReturnValue:
    """Switch single-key shortcuts on or off, for this person on every machine."""
    sign_in.set_keys(current_user._get_current_object(), on=request.form.get("keys") == "on")
    is_on = current_user.keys_on
    flash(i18n.gettext("Single-key shortcuts are on.") if is_on else i18n.gettext("Single-key shortcuts are off."))
    return redirect(url_for(".index"), 303)


@bp.post("/language")
def language() -> ResponseReturnValue:
    """Choose the language of the pages, for this person on every machine."""
    sign_in.set_language(current_user._get_current_object(), request.form.get("language", ""))
    i18n.forget_reader()  # What follows is said in the new language already.
    flash(i18n.gettext("Your pages are in this language from now on."))
    return redirect(url_for(".index"), 303)


def _page(errors: dict[str, str] | None = None) -> str:
    return render_template(
        "accounts/account/index.html",
        errors=errors or {},
        expected=passwords.expected(),
        provider=staff_mail.provider(),
    )
