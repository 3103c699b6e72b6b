"""The settings that admins may change, where the environment leaves them open."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid, Outrun
from webapp.i18n import gettext, listed
from webapp.models import Audit, Role
from webapp.routes import access
from webapp.routes.responses import act_to_undo, actor, flash_toast, sent
from webapp.services.business import change, choices
from webapp.services.business.fields import GROUPS, Group
from webapp.templating import form_key

bp = Blueprint("settings", __name__, url_prefix="/admin/settings")
access.require(bp, Role.ADMIN)


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("/<group>")
def save(group: str) -> ResponseReturnValue:
    wanted, seen = change.group(group), request.form.get("seen", "")
    try:
        act = change.save(wanted, request.form, seen=seen, by=actor())
    except Invalid as error:
        return _page(wanted, request.form, errors=error.fields), error.status
    except Outrun as error:
        return _page(wanted, request.form, refusal=error.sentence), error.status
    sent()
    if act is None:
        flash(gettext("Nothing was changed: the settings are like that already."))
    else:
        _say_saved(act)
    return redirect(url_for(".index", _anchor=wanted.name), 303)


@bp.post("/undo")
def take_back() -> ResponseReturnValue:
    """Set the settings back to what they were before a change."""
    try:
        change.take_back(act_to_undo(), by=actor())
    except Outrun as error:
        flash(error.sentence, "error")
    else:
        flash(gettext("Undone. The settings are as before."))
    return redirect(url_for(".index"), 303)


def _say_saved(act: Audit) -> None:
    """Leave a toast with the way to undo; it says so where bookings have another currency."""
    text = gettext("Saved. It is in force within seconds.")
    others = change.other_currencies((act.detail.get("default_currency") or [""])[-1])
    if others:
        kept = gettext("Bookings in %(currencies)s keep their currency.", currencies=listed(others))
        text = f"{text} {kept}"
    undo = {"url": url_for(".take_back"), "fields": {"act": act.id, "form_key": form_key("undo", act.id)}}
    flash_toast(text, undo=undo)


def _page(
    refused: Group | None = None, typed: Mapping[str, str] | None = None, *, errors: dict[str, str] | None = None,
    refusal: str = "",
) -> str:  # fmt: skip
    """Returns the page of all groups; what was typed for a refused one stays in its fields."""
    needs: dict[str, Any] = {"refused": refused, "typed": typed or {}, "errors": errors or {}, "refusal": refusal}
    return render_template(
        "business/index.html", groups=GROUPS, shown=change.shown, key=change.key, choices=choices.of, **needs
    )
