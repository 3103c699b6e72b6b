"""The delivery board: bookings with their messages, or single messages, and the fragments that it polls."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Message, Role
from webapp.routes import access
from webapp.routes.responses import query_id, unchanged_or
from webapp.services.board import listing as board
from webapp.services.board import rows as board_rows
from webapp.services.board.filters import Filters
from webapp.services.board.listing import Counts
from webapp.services.messages import timeline
from webapp.services.parsing.fields import row_id

bp = Blueprint("board", __name__, url_prefix="/messages")
access.require(bp, Role.MANAGER)


@bp.get("")
def index() -> ResponseReturnValue:
    """A page of the list."""
    filters = Filters.read(request.args)
    find = board.bookings_page if filters.by_booking else board.page
    page = find(filters, before=query_id("before"), after=query_id("after"), tip=query_id("tip"))
    counts = board.counts(filters)
    return render_template(
        "board/index.html", page=page, newest=page.newest, had=board.how_many(filters, counts),
        helps=[] if page.messages else board.what_helps(filters), **_needs(filters, counts, page.messages),
    )  # fmt: skip


@bp.get("/changes")
def changes() -> ResponseReturnValue:
    """The chips with their counts, and the shown rows that have changed."""
    filters, shown = Filters.read(request.args), _shown()
    counts = board.counts(filters)
    needs = _needs(filters, counts, board.by_ids(list(shown)))
    needs["rows"] = [row for row in needs["rows"] if shown[row.message.id] != row.stamp]
    return unchanged_or(render_template("board/_changes.html", **needs, **_news(filters, counts)))


@bp.get("/news")
def news() -> ResponseReturnValue:
    """How many rows are new, for a list that holds still while rows are ticked."""
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
    """Returns the newest row of the page, its count when it was opened, and how many rows are new."""
    newest, had = query_id("newest"), query_id("had")
    fresh = 0 if newest is None else board.news(filters, newest, had, counts)
    return {"newest": newest, "had": had, "fresh": fresh}


def _shown() -> dict[int, str]:
    """Returns the rows of the page that may still change: the id of each, and its stamp when it was shown."""
    pairs = (row.partition(".") for row in request.args.getlist("row"))
    return {int(number): stamp for number, _, stamp in pairs if row_id(number)}
