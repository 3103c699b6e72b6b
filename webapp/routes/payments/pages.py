"""The list of payments, and deciding on them: from a row of it, a row of bookings, or a booking's page."""

import re
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, NotFound
from webapp.models import Role
from webapp.routes import access
from webapp.routes.bookings.responses import reason
from webapp.routes.payments import responses as payment_responses
from webapp.routes.payments.responses import done, named
from webapp.routes.responses import actor, form_version, unchanged_or
from webapp.services import payments
from webapp.services.bookings import undo
from webapp.services.payments import listing as payment_list
from webapp.services.payments import view as payment_view
from webapp.services.payments.listing import Filters
from webapp.settings import current

bp = Blueprint("payments", __name__, url_prefix="/payments")
access.require(bp, Role.FRONT_DESK)
ONE = "<row:payment_id>"  # More is no number to the database.
_ROW = re.compile(r"([0-9]{1,18})\.([0-9]{1,9})")


@bp.get("")
def index() -> ResponseReturnValue:
    """A page of the list."""
    filters = Filters.read(request.args)
    page = payment_list.page(filters, after=_id("after"), before=_id("before"))
    rows = payment_view.shown(page.payments)
    seen = payment_list.newest_id()
    return render_template("payments/index.html", rows=rows, page=page, **_chips(filters, seen))


@bp.get("/changes")
def changes() -> ResponseReturnValue:
    """The chips with their counts, and beside them those of the shown rows that stand differently now."""
    filters, seen = Filters.read(request.args), _id("seen") or 0
    shown = (_ROW.fullmatch(row) for row in request.args.getlist("row"))
    rows = payment_view.shown(payment_list.changed({int(row[1]): int(row[2]) for row in shown if row}))
    newer = payment_list.newer(filters, seen) if seen else 0
    return unchanged_or(render_template("payments/_changes.html", rows=rows, newer=newer, **_chips(filters, seen)))


@bp.post(f"/{ONE}/verification")
def verify(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.verify(payments.get(payment_id), by=actor(), expected_version=form_version())
    return done(payment_id, act, f"{what} verified.")


@bp.post(f"/{ONE}/rejection")
def reject(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.reject(payments.get(payment_id), by=actor(), reason=reason(), expected_version=form_version())
    return done(payment_id, act, f"{what} rejected.")


@bp.post(f"/{ONE}/undo")
def take_back(payment_id: int) -> ResponseReturnValue:
    act_id = request.form.get("act", "")
    if not act_id.isdecimal() or len(act_id) > 18:
        raise NotFound("There is nothing to undo.")
    undo.undo(payments.get(payment_id).booking, int(act_id), by=actor())
    return payment_responses.as_it_stands(payment_id, "Taken back: nothing was sent.")


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show how it stands, whichever act came too late."""
    return payment_responses.refused((request.view_args or {})["payment_id"], error)


def _chips(filters: Filters, seen: int) -> dict[str, Any]:
    """What the chips and the rows beside them need."""
    found = payment_list.counts(filters)
    return {"filters": filters, "counts": found, "seen": seen, "undo_seconds": current().undo_seconds}


def _id(name: str) -> int | None:
    """An id in the query; what is none is left out."""
    value = request.args.get(name, "")
    return int(value) if re.fullmatch("[0-9]{1,18}", value) else None
