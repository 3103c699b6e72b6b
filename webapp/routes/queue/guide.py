"""Help on the queue page: each line of the guide that one needs while it runs, with its answer here."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp.models import Role
from webapp.routes import access
from webapp.services.queue import guide

bp = Blueprint("guide", __name__, url_prefix="/queue")
access.require(bp, Role.ADMIN)


@bp.get("/help")
def index() -> ResponseReturnValue:
    return render_template("queue/help.html", sections=guide.sections(_is_page))


def _is_page(address: str) -> bool:
    """Whether somebody can go to this address as it stands."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(address, method="GET")
    except (HTTPException, RequestRedirect):
        return False
    return str(endpoint).endswith(".index")
