"""The queue page, for admins: what waits, what runs, who works. Fragments that did not change answer 304."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.monitor import channels as monitored
from webapp.monitor.notice import notice
from webapp.monitor.queue import queue_view
from webapp.monitor.view import span
from webapp.routes import access
from webapp.routes.answers import unchanged_or

bp = Blueprint("queue", __name__, url_prefix="/queue")
access.require(bp, Role.ADMIN)
bp.add_app_template_filter(span)


@bp.get("")
def index() -> ResponseReturnValue:
    # This page's own banner says more than the one of all pages, and there is only ever one.
    return render_template("queue/index.html", banner=None, channels=monitored.read(), **_shown())


@bp.get("/figures")
def figures() -> ResponseReturnValue:
    return unchanged_or(render_template("queue/_figures.html", **_shown()))


@bp.get("/channels")
def channels() -> ResponseReturnValue:
    return unchanged_or(render_template("queue/_channels.html", channels=monitored.read()))


def _shown() -> dict[str, Any]:
    view = queue_view()
    return {"view": view, "notice": notice(view)}

