"""Help in plain words, for everybody."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access

bp = Blueprint("help", __name__)
access.require(bp, Role.FRONT_DESK)


@bp.get("/help")
def index() -> ResponseReturnValue:
    return render_template("system/help/index.html")
