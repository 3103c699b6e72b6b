"""An older database that was put back, for admins: the messages that may go out twice, and sending again."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid
from webapp.i18n import gettext, ngettext
from webapp.models import Role
from webapp.monitor import queue
from webapp.routes import access
from webapp.routes.responses import actor
from webapp.services.queue import banner
from webapp.services.restores import release
from webapp.services.restores.release import Choice

bp = Blueprint("restores", __name__, url_prefix="/queue/restored")
access.require(bp, Role.ADMIN)


@bp.get("")
def index() -> ResponseReturnValue:
    """What was found, and the messages that may go out twice."""
    return render_template("restores/index.html", doubt=release.doubt(), banner=None)


@bp.post("/resumption")
def go_on() -> ResponseReturnValue:
    """Close the messages that may have arrived, or send them, and send everything else."""
    choice = _choice(request.form.get("choice", ""))
    closed = release.go_on(choice, by=actor())
    queue.of_app().forget()
    banner.forget()
    toast = gettext("Messages go out again.")
    if closed:
        closes = ngettext(
            "%(num)s message is closed as “May have arrived”.",
            "%(num)s messages are closed as “May have arrived”.",
            closed,
        )
        toast = f"{closes} {toast}"
    flash(toast)
    return redirect(url_for("queue.index"), 303)


def _choice(word: str) -> Choice:
    if word not in list(Choice):
        raise Invalid(gettext("Choose what happens to the messages that may have gone out already."))
    return Choice(word)
