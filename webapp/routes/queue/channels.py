"""Closing a channel and opening it again, for admins."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Invalid, NotFound
from webapp.models import ChannelName, Role
from webapp.monitor import channels
from webapp.routes import access
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.delivery import channel_gate
from webapp.services.parsing.text import one_line

bp = Blueprint("channels", __name__, url_prefix="/channels")
access.require(bp, Role.ADMIN)
LONGEST_REASON = 300


@bp.post("/<name>/pause")
def pause(name: str) -> ResponseReturnValue:
    channel = channel_named(name)
    channel_gate.pause(channel, why=reason(), by=actor())
    return _answer(channel, "is paused. What is being sent finishes; the rest waits.")


@bp.post("/<name>/resumption")
def resume(name: str) -> ResponseReturnValue:
    channel = channel_named(name)
    channel_gate.resume(channel, by=actor())
    return _answer(channel, "is open. What waited goes out now.")


def _answer(channel: ChannelName, what: str) -> ResponseReturnValue:
    view = next(view for view in channels.read() if view.name is channel)
    return fragment_or_redirect(
        "queue/_channel.html", otherwise=url_for("queue.index"), toast=f"{view.channel.label} {what}", channel=view
    )


def channel_named(name: str) -> ChannelName:
    """The channel of an address or a form.

    Raises:
        NotFound: there is none of that name.
    """
    if name not in list(ChannelName):
        raise NotFound("There is no such channel.")
    return ChannelName(name)


def reason() -> str:
    """The typed reason, on one line.

    Raises:
        Invalid: there is none, or it is too long.
    """
    why = one_line(request.form.get("why", "")).rstrip(".")
    if not why or len(why) > LONGEST_REASON:
        raise Invalid(f"Say why, in at most {LONGEST_REASON} characters: colleagues read it on every page.")
    return why
