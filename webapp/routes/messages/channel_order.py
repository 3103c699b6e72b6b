"""Which channel is used if another fails, for admins."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Invalid, Outrun
from webapp.i18n import gettext
from webapp.models import ChannelName, Role
from webapp.routes import access
from webapp.routes.responses import actor
from webapp.services.messages import channel_order
from webapp.services.queue import checklist
from webapp.settings import current

bp = Blueprint("fallbacks", __name__, url_prefix="/admin/fallbacks")
access.require(bp, Role.ADMIN)


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("")
def put() -> ResponseReturnValue:
    """Set or end one event's order."""
    event, chosen = request.form.get("event", ""), [request.form.get(step, "") for step in _steps()]
    try:
        saved = channel_order.put(event, chosen, seen=request.form.get("seen", ""), by=actor())
    except (Invalid, Outrun) as error:
        return _page(event, chosen, error), error.status
    flash(gettext("Saved. %(event)s: %(order)s.", event=words.EVENT[event].label, order=saved))
    return redirect(url_for(".index", _anchor=event), 303)


@bp.post("/acceptance")
def accept() -> ResponseReturnValue:
    """Use the proposed order for each event that has none."""
    flash(gettext("Saved for each event without an order: %(order)s.", order=channel_order.accept(by=actor())))
    checklist.forget()
    return redirect(url_for(".index"), 303)


@bp.post("/refusal")
def keep() -> ResponseReturnValue:
    """Keep sending as it is set, and do not ask again."""
    channel_order.keep(by=actor())
    flash(gettext("Nothing was changed. Each event can have its own order here."))
    checklist.forget()
    return redirect(url_for(".index"), 303)


def _page(event: str = "", chosen: Sequence[str] = (), refusal: Invalid | Outrun | None = None) -> str:
    """Returns the page of all events, with the choice for one of them that was refused, and why."""
    off = [channel for channel in ChannelName if current().provider(channel) == "off"]
    return render_template(
        "messages/channel_order/index.html", orders=channel_order.shown(), steps=_steps(), key=channel_order.key,
        said=channel_order.said, off=off, tried=event, chosen=chosen, refusal=refusal,
    )  # fmt: skip


def _steps() -> list[str]:
    """The names of the form's fields: the first channel, the second, and so on."""
    return [f"step{number}" for number, _ in enumerate(ChannelName, start=1)]
