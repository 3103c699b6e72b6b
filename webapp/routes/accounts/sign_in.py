"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from webapp import security, startup
from webapp.extensions import limiter
from webapp.i18n import N_, gettext
from webapp.routes import access
from webapp.services.accounts import demo
from webapp.services.accounts import sign_in as people
from webapp.settings import current

bp = Blueprint("auth", __name__)
access.public(bp)
# Per address: guessing is slow, and a whole desk behind one router can still start its shift.
ATTEMPTS = "20 per minute; 200 per hour"
WRONG = N_("Wrong e-mail or password. Try again, or ask an admin to reset it.")
DEMO = N_("This is a demo sign-in, and this Bellhop reaches real guests. Ask an admin for a sign-in of your own.")


@bp.get("/login")
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(url_for("today.index"))
    return _form()


@bp.post("/login")
@limiter.limit(ATTEMPTS)
def sign_in() -> ResponseReturnValue:
    user = people.sign_in(request.form.get("email", ""), request.form.get("password", ""))
    if user is None:
        return _form(WRONG), 422
    if user.is_demo and startup.is_live(current()):
        return _form(DEMO), 403
    session.clear()  # A new session for a new person: nothing planted before stays.
    login_user(user)
    session.permanent = True
    return redirect(_own_page(request.form.get("next", "")), 303)


@bp.post("/logout")
def logout() -> ResponseReturnValue:
    logout_user()
    session.clear()
    return redirect(url_for("auth.login"), 303)


def _form(problem: str = "") -> str:
    errors = {"": gettext(problem)} if problem else {}
    wanted = request.values.get("next", "")
    return render_template(
        "accounts/auth/login.html",
        email=request.form.get("email", session.get("chosen_for", "")),
        errors=errors,
        next=wanted,
        logins=[] if startup.is_live(current()) else demo.logins(),
        demo_password=demo.PASSWORD,
    )


def _own_page(wanted: str) -> str:
    """Returns the page that the person asked for first, if it is one of ours."""
    return wanted if security.is_own_path(wanted) else url_for("today.index")
