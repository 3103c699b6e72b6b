"""Acts on many bookings of the list: first what they would do, then the act."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid, NotFound
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.bookings import bulk_responses
from webapp.routes.bookings.responses import reason
from webapp.routes.responses import actor
from webapp.services.bookings import bulk
from webapp.services.bookings.bulk import Act, Plan, Ticked
from webapp.services.bookings.filters import Filters
from webapp.services.parsing.fields import row_id
from webapp.settings import current
from webapp.templating import form_key

bp = Blueprint("bulk", __name__, url_prefix="/bookings/list")
access.require(bp, Role.FRONT_DESK)


@bp.get("/selection")
def selection() -> ResponseReturnValue:
    """What the act would do, as a page: for all bookings that match, and for browsers without scripts."""
    return render_template("bookings/bulk/selection.html", **_needs())


@bp.get("/selection/dialog")
def dialog() -> ResponseReturnValue:
    """The same as a dialog, for the ticked rows."""
    return render_template("bookings/bulk/_dialog.html", **_needs())


@bp.post("/confirmations")
def confirm() -> ResponseReturnValue:
    return _do(Act.CONFIRM)


@bp.post("/refusals")
def decline() -> ResponseReturnValue:
    return _do(Act.DECLINE)


@bp.post("/undo")
def take_back() -> ResponseReturnValue:
    typed = [row_id(one) for one in request.form.get("acts", "").split(",")]
    acts = [act for act in typed if act is not None]
    if acts != typed:
        raise NotFound(gettext("There is nothing to undo."))
    results = bulk.take_back(acts, by=actor(), key=lambda act: form_key("undo", act))
    return bulk_responses.taken_back(results)


def _do(act: Act) -> ResponseReturnValue:
    results = bulk.carry_out(
        act,
        [Ticked.read(one) for one in request.form.getlist("row")],
        by=actor(),
        key=lambda reference, version: form_key(reference, version, act),
        reason=reason(),
    )
    return bulk_responses.done(act, results)


def _needs() -> dict[str, object]:
    filters = Filters.read(request.args)
    view, undo_seconds = request.args.get("view", ""), current().undo_seconds
    return {"plan": _plan(filters), "filters": filters, "view": view, "undo_seconds": undo_seconds}


def _plan(filters: Filters) -> Plan:
    try:
        act = Act(request.args.get("act", ""))
    except ValueError as error:
        raise Invalid(gettext("Choose whether to confirm or to decline.")) from error
    if "all" in request.args:
        return bulk.matching(act, filters)
    return bulk.ticked(act, [Ticked.read(one) for one in request.args.getlist("ticked")])
