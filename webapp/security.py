"""Passwords, sessions, and the headers of every answer."""

from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Blueprint, Flask, Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import AnonymousUserMixin, current_user

from webapp import programs
from webapp.extensions import csrf, db, htmx, login_manager
from webapp.models import User
from webapp.settings import Settings

# argon2-cffi's defaults are RFC 9106's second recommendation: 64 MiB, three passes.
_hasher = PasswordHasher()
# Verified when no user is found, so that the response time does not tell which addresses exist.
_NOBODY = _hasher.hash("nobody has this password")

LONGEST_PATH = 2000  # A filter with every field filled in has a few hundred.
_OURS = ("script", "style", "img", "connect", "font", "manifest")
POLICY = "; ".join(
    [
        "default-src 'none'",
        *(f"{kind}-src 'self'" for kind in _OURS),
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def hash_password(password: str) -> str:
    """Hash with argon2id."""
    return _hasher.hash(password)


def password_fits(user: User | None, password: str) -> bool:
    """Returns whether this is the user's password. Takes the same time for nobody, and for a user without one."""
    stored = user.password_hash if user and user.has_password else None
    try:
        _hasher.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def set_up(app: Flask, settings: Settings) -> None:
    """Set up sessions, sign-in and headers."""
    app.config.update(
        SECRET_KEY=settings.secret or None,
        SESSION_COOKIE_NAME="bellhop",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=60 * 60 * 12,  # A shift, but not a weekend.
        MAX_CONTENT_LENGTH=1024 * 1024,
        # A token lives as long as its session, so a form left open overnight still works.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,  # SameSite and the token protect; proxies remove referrers.
    )
    # Flask-Login's context processor would load the user for every template, even on error pages.
    login_manager.init_app(app, add_context_processor=False)
    app.jinja_env.globals["current_user"] = current_user
    login_manager.session_protection = None  # "strong" signs people out when their address changes, as phones' do.
    app.after_request(_headers)


def for_programs(bp: Blueprint, *addresses: str) -> None:
    """Declare that programs call a blueprint: without a session or a form's token, and their errors are documents.

    `addresses`: what their addresses begin with, where that is not the blueprint's own prefix.
    """
    csrf.exempt(bp)
    programs.add(*(addresses or [f"{bp.url_prefix}/"]))


@login_manager.user_loader
def _load(cookie: str) -> User | None:
    user_id, _, epoch = cookie.partition(".")
    user = db.session.get(User, int(user_id)) if user_id.isdigit() else None
    return user if user and user.is_enabled and epoch == str(user.session_epoch) else None


def treat_as_nobody() -> None:
    """Answer this request as if nobody were signed in, without asking the database."""
    g._login_user = AnonymousUserMixin()  # Where Flask-Login keeps it for a request.


@login_manager.unauthorized_handler
def ask_to_sign_in() -> ResponseReturnValue:
    """Redirect to the sign-in page. HTMX gets a header, so that no login form lands inside a table."""
    # A GET cannot repeat an act: after signing in, go to the page of the act, whose draft is kept.
    here = request.full_path.rstrip("?") if request.method == "GET" and not htmx else page_of_act()
    login = url_for("auth.login", next=here)
    if htmx:
        return Response("", 401, {"HX-Redirect": login})
    return redirect(login)


def page_of_act() -> str | None:
    """Returns the path of the page on which an act was done, by the browser's word; None if it is not ours."""
    page = urlsplit((htmx and htmx.current_url) or request.referrer or "")
    path = f"{page.path}?{page.query}" if page.query else page.path
    return path if page.netloc == request.host and is_own_path(path) else None


def is_own_path(address: str) -> bool:
    """Returns whether this address keeps a browser on our site.

    For a browser `//` and `/\\` begin another host, and it drops line breaks and tabs before it reads.
    """
    is_local = address.startswith("/") and not address.startswith("//") and "\\" not in address
    return is_local and address.isprintable() and len(address) <= LONGEST_PATH


def _headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.headers.get("HX-Request"):
        response.vary.add("HX-Request")
    return response
