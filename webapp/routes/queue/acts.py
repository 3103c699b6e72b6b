"""Acts on the whole queue, for admins: each is asked first, in numbers, on a page or in a dialog of the same words."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Invalid
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
    """What an act would do, as a page."""
    return render_template("queue/ask.html", ask=confirmations.of(name))


@bp.get("/asks/<name>/dialog")
def dialog(name: str) -> ResponseReturnValue:
    """The same above the queue page."""
    return render_template("queue/_ask_dialog.html", ask=confirmations.of(name))


@bp.post("/bells")
def ring() -> ResponseReturnValue:
    """Ring for all that waits now."""
    lanes, rung = queue_acts.ring(by=actor())
    if rung < lanes:
        return _back("Redis does not take bells: what waits goes out once it does.", "error")
    return _back(
        f"Rang for {lanes} {'guest' if lanes == 1 else 'guests'}." if lanes else "Nothing waits to be rung for."
    )


@bp.post("/reply-keys/removal")
def drop_reply_keys() -> ResponseReturnValue:
    """Drop the reply lists that nobody will read."""
    dropped = queue_acts.drop_reply_keys(by=actor())
    return _back(f"{dropped} orphaned reply {'key' if dropped == 1 else 'keys'} dropped.")


@bp.post("/pause")
def pause() -> ResponseReturnValue:
    """Close every channel, with a reason that all staff read."""
    closed = queue_acts.pause_all(why=reason(), by=actor())
    return _back(f"{_labels(closed)} paused. What is being sent finishes; the rest waits.")


@bp.post("/resumption")
def resume() -> ResponseReturnValue:
    """Open every channel."""
    opened = queue_acts.resume_all(by=actor())
    return _back(f"{_labels(opened)} open. What waited goes out now.")


@bp.get("/tests")
def tests() -> ResponseReturnValue:
    """Send a test message, and follow those of late."""
    return _tests({})


@bp.post("/tests")
def send_test() -> ResponseReturnValue:
    """Send one through everything: the row, the bell, a worker and the provider."""
    try:
        test_message.send(channel_named(request.form.get("channel", "")), request.form.get("to", ""), by=actor())
    except Invalid as wrong:
        return _tests(wrong.fields), wrong.status
    flash("The test message is on its way. Its line below follows it.")
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
    labels = [words.CHANNEL[name].label for name in sorted(names, key=list(ChannelName).index)]
    return f"{', '.join(labels)} {'is' if len(labels) == 1 else 'are'}"
