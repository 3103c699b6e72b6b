"""Acts on the whole queue, for admins. Each asks first, on a page or in a dialog of the same words."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Invalid
from webapp.i18n import gettext, ngettext
from webapp.models import ChannelName, Role
from webapp.monitor import queue
from webapp.routes import access
from webapp.routes.queue.channels import channel_named, reason
from webapp.routes.responses import actor
from webapp.services.messages import test_message
from webapp.services.queue import acts as queue_acts
from webapp.services.queue import banner, confirmations

bp = Blueprint("queue_acts", __name__, url_prefix="/queue")
access.require(bp, Role.ADMIN)


@bp.get("/asks/<name>")
def ask(name: str) -> ResponseReturnValue:
    """Show what an act would do, as a page."""
    return render_template("queue/ask.html", ask=confirmations.question_named(name))


@bp.get("/asks/<name>/dialog")
def dialog(name: str) -> ResponseReturnValue:
    """Show the same as a dialog."""
    return render_template("queue/_ask_dialog.html", ask=confirmations.question_named(name))


@bp.post("/bells")
def ring() -> ResponseReturnValue:
    """Wake the workers for all guests whose messages are due."""
    lanes, rung = queue_acts.ring(by=actor())
    if rung < lanes:
        return _back(gettext("Redis is not accepting work: what waits goes out once it does."), "error")
    if not lanes:
        return _back(gettext("No message was due."))
    return _back(ngettext("%(num)s guest’s messages were queued.", "%(num)s guests’ messages were queued.", lanes))


@bp.post("/reply-keys/removal")
def drop_reply_keys() -> ResponseReturnValue:
    """Remove the reply lists that nobody will read."""
    dropped = queue_acts.drop_reply_keys(by=actor())
    return _back(ngettext("%(num)s leftover key was removed.", "%(num)s leftover keys were removed.", dropped))


@bp.post("/pause")
def pause() -> ResponseReturnValue:
    """Pause every channel, with a reason that all staff read."""
    closed = queue_acts.pause_all(why=reason(), by=actor())
    return _back(
        gettext("Paused: %(channels)s. What is being sent finishes; the rest waits.", channels=_labels(closed))
    )


@bp.post("/resumption")
def resume() -> ResponseReturnValue:
    """Resume every channel."""
    opened = queue_acts.resume_all(by=actor())
    return _back(gettext("Resumed: %(channels)s. What waited goes out now.", channels=_labels(opened)))


@bp.get("/tests")
def tests() -> ResponseReturnValue:
    """Show the form for a test message, and the latest tests."""
    return _tests({})


@bp.post("/tests")
def send_test() -> ResponseReturnValue:
    """Send a test message the whole way: queue, worker, provider."""
    try:
        test_message.send(channel_named(request.form.get("channel", "")), request.form.get("to", ""), by=actor())
    except Invalid as error:
        return _tests(error.fields), error.status
    flash(gettext("The test message is on its way. Its line below follows it."))
    return redirect(url_for(".tests"), 303)


def _tests(errors: dict[str, str]) -> str:
    providers = [(name, words.CHANNEL[name].label) for name in ChannelName]
    return render_template("queue/tests.html", errors=errors, channels=providers, sent=test_message.newest())


def _back(toast: str, tone: str = "message") -> ResponseReturnValue:
    queue.of_app().forget()
    banner.forget()
    flash(toast, tone)
    return redirect(url_for("queue.index"), 303)


def _labels(names: list[ChannelName]) -> str:
    return ", ".join(words.CHANNEL[name].label for name in ChannelName if name in names)
