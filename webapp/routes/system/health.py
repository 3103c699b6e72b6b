"""For load balancers and supervisors: whether the process lives, and whether it can do its work."""

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
access.for_programs(bp, "/healthz", "/readyz")
limiter.exempt(bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """Answer that the process lives."""
    return jsonify(status="ok", version=current_app.config["VERSION"])


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Answer whether the database answers and takes writes.

    A broker that is down is named and is no failure: staff can go on working. The same holds for messages that are held
    back because an older database was put back.
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
