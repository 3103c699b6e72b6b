"""For load balancers and supervisors: does the process live, and can it do its work?"""

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from webapp import database
from webapp.extensions import limiter
from webapp.monitor import broker
from webapp.routes import access

bp = Blueprint("health", __name__)
access.public(bp)
limiter.exempt(bp)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="ok")


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers; a broker that is down is named, and fails nothing: staff can work on."""
    if not database.answers():
        return jsonify(status="database is away"), 503
    return jsonify(status="ok", broker="up" if broker.bells() is not None else "down")
