"""For load balancers and supervisors: does the process live, and can it do its work?"""

from flask import Blueprint, current_app, jsonify
from flask.typing import ResponseReturnValue

from webapp import database, faults
from webapp.database import waits
from webapp.extensions import limiter
from webapp.faults import Fault
from webapp.monitor.redis import broker
from webapp.routes import access
from webapp.services.queue import banner
from webapp.services.restores import wording

bp = Blueprint("health", __name__)
access.public(bp)
limiter.exempt(bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok", version=current_app.config["VERSION"])


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and takes writes.

    A broker that is down, and messages that are held back since an older database was put back, are named and fail
    nothing: staff can work on.
    """
    if trouble := database.trouble():
        return _not_ready(trouble)
    if refusal := waits.watch().refusal():
        return _not_ready(refusal)
    held = {"sending": "held", "detail": wording.TITLE} if banner.older_database() else {}
    return jsonify(status="ok", broker="up" if broker.bells() is not None else "down", **held)


def _not_ready(fault: Fault) -> ResponseReturnValue:
    wait = {"Retry-After": str(faults.RETRY_SECONDS)}
    return jsonify(status=fault.name, detail=f"{fault.title}. {fault.advice}"), 503, wait
