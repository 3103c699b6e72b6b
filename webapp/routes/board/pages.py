"""The delivery board: bookings with what their guests were told, or single messages, and what moves on it."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Message, Role
from webapp.routes import access
from webapp.routes.responses import unchanged_or
from webapp.services import board
from webapp.services.board import Counts
from webapp.services.board import rows as board_rows
from webapp.services.board.filters import Filters
from webapp.services.messages import timeline
from webapp.services.parsing.fields import row_id

bp = Blueprint("board", __name__, url_prefix="/messages")
access.require(bp, Role.MANAGER)


@bp.get("")
def index() -> ResponseReturnValue:
    """A page of the list."""
    filters = Filters.read(request.args)
    find = board.bookings_page if filters.by_booking else board.page
    page = find(filters, before=_id("before"), after=_id("after"), tip=_id("tip"))
    counts = board.counts(filters)
    return render_template(
        "board/index.html",
        page=page,
        newest=page.newest,
        had=board.how_many(filters, counts),
        helps=[] if page.messages else board.what_helps(filters),
        **_needs(filters, counts, page.messages),
    )


@bp.get("/changes")
def changes() -> ResponseReturnValue:
    """The chips with their counts, and beside them those of the shown rows that have changed."""
    filters, shown = Filters.read(request.args), _shown()
    counts = board.counts(filters)
    needs = _needs(filters, counts, board.some(list(shown)))
    needs["rows"] = [told for told in needs["rows"] if shown[told.message.id] != told.stamp]
    return unchanged_or(render_template("board/_changes.html", **needs, **_news(filters, counts)))


@bp.get("/news")
def news() -> ResponseReturnValue:
    """How many have come, for a list that holds still while rows of it are ticked."""
    filters = Filters.read(request.args)
    needs = _news(filters, board.counts(filters))
    return unchanged_or(render_template("board/_news.html", filters=filters, **needs))


def _needs(filters: Filters, counts: Counts, messages: Sequence[Message]) -> dict[str, Any]:
    rows = board_rows.of_bookings(messages) if filters.by_booking else board_rows.single(messages)
    return {
        "filters": filters,
        "counts": counts,
        "rows": rows,
        "warnings": {} if filters.by_booking else timeline.warnings(messages),
    }


def _news(filters: Filters, counts: Counts) -> dict[str, int | None]:
    """What a page was last told of, and how many have come since."""
    newest, had = _id("newest"), _id("had")
    fresh = 0 if newest is None else board.news(filters, newest, had, counts)
    return {"newest": newest, "had": had, "fresh": fresh}


def _shown() -> dict[int, str]:
    """The rows that a page has and that may still move: the id of each, and how it was when it was shown."""
    pairs = (row.partition(".") for row in request.args.getlist("row"))
    return {int(number): stamp for number, _, stamp in pairs if row_id(number)}


def _id(name: str) -> int | None:
    """An id in the query; what is none is left out."""
    return row_id(request.args.get(name, ""))
