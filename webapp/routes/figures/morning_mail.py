"""Switches a manager's morning mail on or off, from their account page."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.services.figures import morning_mail

bp = Blueprint("morning_mail", __name__, url_prefix="/account/morning-mail")
access.require(bp, Role.MANAGER)


@bp.post("")
def switch() -> ResponseReturnValue:
    """Switch it on or off for this person."""
    morning_mail.switch(current_user._get_current_object(), on=request.form.get("mail") == "on")
    is_on = current_user.morning_mail
    flash(gettext("The morning mail is on.") if is_on else gettext("The morning mail is off."))
    return redirect(url_for("account.index"), 303)
