"""Failures by their cause and by guest, and the last acts on many of them."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services.failures import batch_view, batches, by_guest, by_reason

bp = Blueprint("causes", __name__, url_prefix="/messages/failures")
access.require(bp, Role.MANAGER)


@bp.get("")
def index() -> ResponseReturnValue:
    """Why messages did not arrive, first what left most guests without their news."""
    recent = batches.recent()
    return render_template(
        "failures/index.html", causes=by_reason.find(), recent=recent, far=batch_view.outcomes(recent)
    )


@bp.get("/list")
def listed() -> ResponseReturnValue:
    """The causes in the order of the open page: nothing moves under the pointer."""
    return unchanged_or(render_template("failures/_list.html", causes=by_reason.find(request.args.getlist("shown"))))


@bp.get("/guests")
def guests() -> ResponseReturnValue:
    """Whose messages did not arrive, first those whom no channel reached."""
    return render_template("failures/guests.html", guests=by_guest.find())


@bp.get("/guests/list")
def guests_listed() -> ResponseReturnValue:
    return unchanged_or(render_template("failures/_guests.html", guests=by_guest.find()))
