"""`/metrics` for Prometheus: for this machine itself, or with an API key."""

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue

from webapp.extensions import limiter
from webapp.monitor import metrics
from webapp.routes import access
from webapp.services.accounts import api_keys

bp = Blueprint("metrics", __name__)
access.for_programs(bp, "/metrics")
limiter.exempt(bp)
LOOPBACK = ("127.0.0.1", "::1")
# A proxy on this machine forwards for others: such a request is not local.
FORWARDED = ("X-Forwarded-For", "X-Real-IP", "Forwarded")


@bp.get("/metrics")
def show() -> ResponseReturnValue:
    """Answer the figures of the queue page."""
    if not (_is_local() or _has_key()):
        words = "Ask from this machine, or send an API key in the header Authorization: Bearer …\n"
        return Response(words, 403, mimetype="text/plain")
    return Response(metrics.exposition(), content_type=metrics.CONTENT_TYPE)


def _is_local() -> bool:
    return request.remote_addr in LOOPBACK and not any(name in request.headers for name in FORWARDED)


def _has_key() -> bool:
    given = request.authorization
    return bool(given and given.type == "bearer" and given.token and api_keys.find(given.token))
