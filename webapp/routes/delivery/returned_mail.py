"""Returned mail that Bellhop could not read, for admins: as text, and never as a page."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import actor
from webapp.services.delivery import returned_mail

bp = Blueprint("returned_mail", __name__, url_prefix="/admin/returned-mail")
access.require(bp, Role.ADMIN)


@bp.get("")
def index() -> ResponseReturnValue:
    """What waits for somebody."""
    return render_template("delivery/returned_mail/index.html", mails=returned_mail.newest())


@bp.get("/<row:mail_id>")
def show(mail_id: int) -> ResponseReturnValue:
    """One in full."""
    return render_template("delivery/returned_mail/show.html", returned=returned_mail.get(mail_id))


@bp.post("/<row:mail_id>/archiving")
def put_away(mail_id: int) -> ResponseReturnValue:
    """Somebody has looked at it."""
    returned_mail.get(mail_id)
    mine = returned_mail.put_away(mail_id, by=actor())
    flash(gettext("Put away.") if mine else gettext("Somebody put it away before you."), "success" if mine else "info")
    return redirect(url_for("returned_mail.index"), 303)
