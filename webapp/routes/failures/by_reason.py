"""Failures by their cause, and the last acts on many of them."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services.failures import batch_view, batches, by_reason

bp = Blueprint("causes", __name__, url_prefix="/messages/failures")
access.require(bp, Role.MANAGER)


@bp.get("")
def index() -> ResponseReturnValue:
    """Why messages did not arrive, the commonest cause first."""
    recent = batches.recent()
    return render_template(
        "failures/index.html", causes=by_reason.find(), recent=recent, far=batch_view.outcomes(recent)
    )


@bp.get("/list")
def listed() -> ResponseReturnValue:
    """The causes in the order of the open page: nothing moves under the pointer."""
    return unchanged_or(render_template("failures/_list.html", causes=by_reason.find(request.args.getlist("shown"))))
