"""What the sandbox took instead of a provider, and what its guest or provider would do next."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.i18n import gettext
from webapp.models import Role, SandboxMessage
from webapp.routes import access
from webapp.services.board import listing as board
from webapp.services.delivery import rehearsal, sandbox
from webapp.services.queue import banner

bp = Blueprint("sandbox", __name__, url_prefix="/sandbox")
access.require(bp, Role.FRONT_DESK)


@bp.get("")
def index() -> ResponseReturnValue:
    """What would have been sent, newest first."""
    taken = sandbox.taken()
    if not taken and not banner.sandbox_channels():
        raise NotFound(gettext("No channel is simulated here."))
    return render_template("delivery/sandbox/index.html", taken=taken, messages=_messages(*taken))


@bp.get("/<row:taken_id>")
def show(taken_id: int) -> ResponseReturnValue:
    """One message, with what may come back for it."""
    taken = rehearsal.get(taken_id)
    return render_template(
        "delivery/sandbox/show.html", one=taken, messages=_messages(taken), reports=rehearsal.reports(taken)
    )


@bp.post("/<row:taken_id>/replies")
def answer(taken_id: int) -> ResponseReturnValue:
    taken = rehearsal.get(taken_id)
    rehearsal.answer(taken, request.form.get("text", ""), key=request.form.get("form_key", ""))
    return _back(taken_id, gettext("The guest wrote back: the reply is on Today."))


@bp.post("/<row:taken_id>/receipts")
def report(taken_id: int) -> ResponseReturnValue:
    moved = rehearsal.report(rehearsal.get(taken_id), request.form.get("status", ""))
    return _back(taken_id, gettext("The receipt came, and the message follows it.") if moved else _kept())


@bp.post("/<row:taken_id>/bounce")
def send_back(taken_id: int) -> ResponseReturnValue:
    moved = rehearsal.send_back(rehearsal.get(taken_id))
    return _back(taken_id, gettext("The mail came back: its message could not be delivered.") if moved else _kept())


def _kept() -> str:
    return gettext("It is kept, and changes nothing: more than that is known of the message already.")


def _messages(*taken: SandboxMessage) -> dict[str, int]:
    return board.by_token([one.token for one in taken])


def _back(taken_id: int, sentence: str) -> ResponseReturnValue:
    flash(sentence)
    return redirect(url_for(".show", taken_id=taken_id), 303)
