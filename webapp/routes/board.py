"""The delivery board: all messages, newest first, and what moves on it."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.routes.answers import unchanged_or
from webapp.services import board, story
from webapp.services.board import Filters

bp = Blueprint("board", __name__, url_prefix="/messages")
access.require(bp, Role.MANAGER)


@bp.get("")
def index() -> ResponseReturnValue:
    """A page of the list."""
    filters = Filters.read(request.args)
    page = board.page(filters, before=_id("before"), after=_id("after"))
    return render_template(
        "board/index.html",
        filters=filters,
        page=page,
        newest=page.newest,
        counts=board.counts(filters),
        warnings=story.warnings(page.messages),
    )


@bp.get("/changes")
def changes() -> ResponseReturnValue:
    """The chips with their counts, and beside them those of the shown rows that may still move."""
    filters, newest = Filters.read(request.args), _id("newest")
    rows = board.some([int(number) for number in request.args.getlist("row") if _fits(number)])
    fresh = 0 if newest is None else board.newer(filters, newest)
    body = render_template(
        "board/_changes.html",
        filters=filters,
        rows=rows,
        newest=newest,
        fresh=fresh,
        counts=board.counts(filters),
        warnings=story.warnings(rows),
    )
    return unchanged_or(body)


def _id(name: str) -> int | None:
    """An id in the query; what is none is left out."""
    value = request.args.get(name, "")
    return int(value) if _fits(value) else None


def _fits(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18
