"""The first page of the day: the open work, soonest first."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services.bookings import agenda
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.agenda import Agenda
from webapp.services.bookings.filters import today

bp = Blueprint("today", __name__)
access.require(bp, Role.FRONT_DESK)


@bp.get("/")
def index() -> ResponseReturnValue:
    found = agenda.load()
    rows, unreached = ([booking_view.shown(one) for one in some] for some in (found.to_confirm, found.unreached))
    needs = _needs(found, found.seen, listed=bool(rows))
    return render_template("bookings/today/index.html", rows=rows, unreached=unreached, **needs)


@bp.get("/today/work")
def work() -> ResponseReturnValue:
    """The figures, and whether the page should show other rows by now; the rows stay as they are."""
    needs = _needs(agenda.load(), request.args.get("seen", "")[:20], listed="listed" in request.args)
    return unchanged_or(render_template("bookings/today/_work.html", **needs))


def _needs(found: Agenda, seen: str, *, listed: bool) -> dict[str, object]:
    return {"agenda": found, "seen": seen, "listed": listed, "due": agenda.arriving_today(), "today": today()}
