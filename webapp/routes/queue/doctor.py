"""Doctor on a page: every check with its evidence and the next step."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp import doctor
from webapp.extensions import htmx
from webapp.models import Role
from webapp.routes import access

bp = Blueprint("doctor", __name__, url_prefix="/queue")
access.require(bp, Role.ADMIN)


@bp.get("/doctor")
def index() -> ResponseReturnValue:
    """Show the page; it asks for the examination by itself."""
    return render_template("queue/doctor/index.html", report=None)


@bp.post("/examination")
def examine() -> ResponseReturnValue:
    """Examine now. It is an act: it tries a write, and asks the providers."""
    report = doctor.examine()
    return render_template("queue/doctor/_report.html" if htmx else "queue/doctor/index.html", report=report)
