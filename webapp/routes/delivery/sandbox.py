"""What the sandbox took instead of a provider."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.services.board import listing as board
from webapp.services.delivery import sandbox
from webapp.services.queue import banner

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox")
access.require(bp, Role.FRONT_DESK)


@bp.get("")
def index() -> ResponseReturnValue:
    """What would have been sent, newest first."""
    taken = sandbox.taken()
    if not taken and not banner.sandbox_channels():
        raise NotFound(gettext("No channel is simulated here."))
    return render_template(
        "delivery/sandbox/index.html", taken=taken, messages=board.by_token([one.token for one in taken])
    )
