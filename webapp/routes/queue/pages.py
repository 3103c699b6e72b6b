"""The queue page, for admins. Polls that bring nothing new answer 304 or 204."""

from typing import Any

from flask import Blueprint, current_app, render_template, request
from flask.typing import ResponseReturnValue

from webapp import clock
from webapp.i18n import reader
from webapp.models import Role
from webapp.monitor import channels as monitored
from webapp.monitor import log_lines, queue
from webapp.monitor import state as queue_state
from webapp.monitor.format import size, span
from webapp.monitor.notice import Notice
from webapp.monitor.queue import queue_view
from webapp.monitor.redis import history as days
from webapp.monitor.view import QueueView
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services.alerts import view as alert_view
from webapp.services.queue import banner
from webapp.services.queue import health as queue_health
from webapp.settings import current

bp = Blueprint("queue", __name__, url_prefix="/queue")
access.require(bp, Role.ADMIN)
bp.add_app_template_filter(span)
bp.add_app_template_filter(size, "bytes")


@bp.get("")
def index() -> ResponseReturnValue:
    # This page has a banner of its own, which says more.
    monitored.forget()
    view = queue_view()
    return render_template(
        "queue/index.html", banner=None, view=view, notice=_state(view), alerts=alert_view.read(),
        house=queue_health.read(), **_channels(),
    )  # fmt: skip


@bp.get("/state")
def state() -> ResponseReturnValue:
    """Show how things stand, and the open alerts."""
    view = queue_view()
    return unchanged_or(_drawn("queue/_state.html", view=view, alerts=alert_view.read(), closed=monitored.closed()))


@bp.get("/figures")
def figures() -> ResponseReturnValue:
    return unchanged_or(_drawn("queue/_figures.html", view=queue_view()))


@bp.get("/house")
def house() -> ResponseReturnValue:
    """Show the slow figures: Redis, database, background jobs, the newest log lines."""
    needs = {"house": queue_health.read(), "alerts": alert_view.read()}
    return unchanged_or(_drawn("queue/_house.html", view=queue_view(), **needs))


@bp.get("/channels")
def channels() -> ResponseReturnValue:
    needs = _channels()
    if request.args.get("seen") == needs["version"]:
        return "", 204  # A reason that is being typed stays: nothing is swapped until a channel changes.
    return render_template("queue/_channels.html", **needs)


@bp.get("/history")
def history() -> ResponseReturnValue:
    """Show the last 24 hours of each figure."""
    day = queue.of_app().day()
    charts = days.charts(day.minutes, until=clock.now(), zone=current().zone)
    return render_template("queue/history.html", day=day, charts=charts)


@bp.get("/log")
def log() -> ResponseReturnValue:
    """Show the last hundred warnings and errors."""
    return render_template("queue/log.html", lines=log_lines.newest())


@bp.get("/help")
def guide() -> ResponseReturnValue:
    """Show questions about the queue with their answers."""
    return render_template("queue/help.html")


def _drawn(template: str, *, view: QueueView, **others: object) -> str:
    """Returns a fragment that is the same for all readers of a language, drawn anew once its figures were read anew.

    Drawing costs more than all else in a poll, and two hundred people may look.
    """
    kept: dict[tuple[str, str], tuple[tuple[object, ...], str]] = current_app.extensions.setdefault("bellhop_drawn", {})
    first, key = banner.refusal() or banner.older_database(), (template, reader().language)
    shows = (view, *others.values())
    known = kept.get(key)
    is_same = (
        known is not None and known[0][0] == first and all(a is b for a, b in zip(known[0][1:], shows, strict=True))
    )
    if known is None or not is_same:
        html = render_template(template, view=view, notice=_state(view), **others)
        known = kept[key] = (first, *shows), html
    return known[1]


def _channels() -> dict[str, Any]:
    """Returns the values of the fragment of the channels."""
    views = monitored.read()
    return {"channels": views, "version": monitored.version(views)}


def _state(view: QueueView) -> Notice | banner.Banner:
    """Returns how things stand; a database that refuses writes, or is an older one, comes first."""
    return banner.refusal() or banner.older_database() or queue_state.state(view, monitored.closed())
