"""The list of payments, and the acts that decide on one."""

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.bookings.responses import reason, undone
from webapp.routes.payments import responses as payment_responses
from webapp.routes.payments.responses import done, named
from webapp.routes.responses import act_to_undo, actor, form_version, query_id, shown_versions, unchanged_or
from webapp.services import payments
from webapp.services.bookings import undo
from webapp.services.payments import listing as payment_list
from webapp.services.payments import view as payment_view
from webapp.services.payments.listing import Filters

bp = Blueprint("payments", __name__, url_prefix="/payments")
access.require(bp, Role.FRONT_DESK)
ONE = "<row:payment_id>"


@bp.get("")
def index() -> ResponseReturnValue:
    """A page of the list."""
    filters = Filters.read(request.args)
    page = payment_list.page(filters, after=query_id("after"), before=query_id("before"))
    rows = payment_view.shown(page.rows)
    seen = payment_list.newest_id()
    return render_template("payments/index.html", rows=rows, page=page, **_chips(filters, seen))


@bp.get("/changes")
def changes() -> ResponseReturnValue:
    """The chips with their counts, and the shown rows that have changed."""
    filters, seen = Filters.read(request.args), query_id("seen") or 0
    changed = payment_list.changed(shown_versions())
    moved = (query_id("moved") or 0) + payment_list.how_many_left(filters, changed)
    newer = payment_list.newer(filters, seen) if seen else 0
    rows, chips = payment_view.shown(changed), _chips(filters, seen)
    return unchanged_or(render_template("payments/_changes.html", rows=rows, newer=newer, moved=moved, **chips))


@bp.post(f"/{ONE}/verification")
def verify(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.verify(payments.get(payment_id), by=actor(), expected_version=form_version())
    return done(payment_id, act, gettext("%(payment)s verified.", payment=what))


@bp.post(f"/{ONE}/rejection")
def reject(payment_id: int) -> ResponseReturnValue:
    what = named(payment_id)
    act = payments.reject(payments.get(payment_id), by=actor(), reason=reason(), expected_version=form_version())
    return done(payment_id, act, gettext("%(payment)s rejected.", payment=what))


@bp.post(f"/{ONE}/undo")
def take_back(payment_id: int) -> ResponseReturnValue:
    undo.undo(payments.get(payment_id).booking, act_to_undo(), by=actor())
    return payment_responses.as_it_stands(payment_id, undone())


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show the payment as it is now, whichever act came too late."""
    return payment_responses.refused((request.view_args or {})["payment_id"], error)


def _chips(filters: Filters, seen: int) -> dict[str, Any]:
    """Returns what the chips and the rows need."""
    found = payment_list.counts(filters)
    return {"filters": filters, "counts": found, "seen": seen}
