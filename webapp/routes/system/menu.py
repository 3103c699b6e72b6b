"""What the menu of Ctrl-K finds: the pages that a person may open, and bookings."""

from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import i18n
from webapp.i18n import N_
from webapp.models import Role
from webapp.models.bookings.search_term import words
from webapp.routes import access
from webapp.services import search
from webapp.services.queue import banner

bp = Blueprint("menu", __name__, url_prefix="/menu")
access.require(bp, Role.FRONT_DESK)

SHORTEST = 2  # A single letter finds nearly every booking.
MOST = 6
# Label, icon and endpoint. Who may open a page is what its blueprint says.
PAGES = (
    (N_("Today"), "home", "today.index"),
    (N_("New booking"), "plus", "booking_forms.new"),
    (N_("Bookings"), "calendar-event", "bookings.index"),
    (N_("Payments"), "credit-card", "payments.index"),
    (N_("Bank statement"), "receipt", "statements.index"),
    (N_("Import bookings"), "download", "booking_import.index"),
    (N_("Replies from unknown numbers"), "message", "replies.unknown"),
    (N_("Delivery board"), "send", "board.index"),
    (N_("Failures by cause"), "alert-triangle", "causes.index"),
    (N_("Figures"), "activity", "figures.index"),
    (N_("Queue"), "activity", "queue.index"),
    (N_("Queue history"), "history", "queue.history"),
    (N_("Warnings and errors"), "alert-triangle", "queue.log"),
    (N_("Doctor"), "server", "doctor.index"),
    (N_("Send test messages"), "send", "queue_acts.tests"),
    (N_("Sandbox"), "eye", "sandbox.index"),
    (N_("People"), "users", "people.index"),
    (N_("API keys"), "key", "keys.index"),
    (N_("Message texts"), "message", "texts.index"),
    (N_("Channel order"), "arrow-back-up", "fallbacks.index"),
    (N_("Settings"), "settings", "settings.index"),
    (N_("Audit log"), "history", "audit.index"),
    (N_("Returned mail"), "mail", "returned_mail.index"),
    (N_("Help"), "help-circle", "help.index"),
    (N_("Your account"), "settings", "account.index"),
)


@dataclass(frozen=True)
class Page:
    """A page that the menu leads to."""

    label: str
    icon: str
    url: str


@bp.get("")
def find() -> ResponseReturnValue:
    """The pages and bookings that a text finds; without a text, every page."""
    q = request.args.get("q", "").strip()[:100]
    bookings = search.nearest(q, MOST) if len(q) >= SHORTEST else []
    return render_template("_menu_found.html", pages=_pages(q), bookings=bookings, q=q)


def _pages(q: str) -> list[Page]:
    typed = words(q)
    offered = ((i18n.gettext(label), icon, endpoint) for label, icon, endpoint in PAGES if _may_open(endpoint))
    return [Page(label, icon, url_for(endpoint)) for label, icon, endpoint in offered if _begins(typed, words(label))]


def _may_open(endpoint: str) -> bool:
    role = access.ROLES[endpoint.partition(".")[0]]
    is_there = endpoint != "sandbox.index" or bool(banner.sandbox_channels())
    return is_there and role is not None and current_user.can(role)


def _begins(typed: list[str], label: list[str]) -> bool:
    """Whether each typed word begins a word of the label."""
    return all(any(word.startswith(one) for word in label) for one in typed)
