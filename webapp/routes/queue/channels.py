"""Pausing and resuming a channel, for admins."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from webapp import words
from webapp.errors import Invalid, NotFound
from webapp.i18n import gettext
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
    toast = gettext(
        "%(channel)s is paused. What is being sent finishes; the rest waits.", channel=words.CHANNEL[channel].label
    )
    return _answer(channel, toast)


@bp.post("/<name>/resumption")
def resume(name: str) -> ResponseReturnValue:
    channel = channel_named(name)
    channel_gate.resume(channel, by=actor())
    toast = gettext("%(channel)s is open. What waited goes out now.", channel=words.CHANNEL[channel].label)
    return _answer(channel, toast)


def _answer(channel: ChannelName, toast: str) -> ResponseReturnValue:
    channels.forget()
    view = next(view for view in channels.read() if view.name is channel)
    return fragment_or_redirect("queue/_channel.html", otherwise=url_for("queue.index"), toast=toast, channel=view)


def channel_named(name: str) -> ChannelName:
    """Returns the channel that an address or a form names.

    Raises:
        NotFound: there is none.
    """
    if name not in list(ChannelName):
        raise NotFound(gettext("There is no such channel."))
    return ChannelName(name)


def reason() -> str:
    """Returns the typed reason, on one line.

    Raises:
        Invalid: there is none, or it is too long.
    """
    why = one_line(request.form.get("why", "")).rstrip(".")
    if not why or len(why) > LONGEST_REASON:
        raise Invalid(
            gettext("Say why, in at most %(most)s characters: colleagues read it on every page.", most=LONGEST_REASON)
        )
    return why
