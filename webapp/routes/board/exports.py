"""Lists as CSV files; each export is recorded."""

from collections.abc import Iterator

from flask import Blueprint, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.models import Role
from webapp.routes import access
from webapp.services import audit
from webapp.services.board import export as board_export
from webapp.services.board.filters import Filters as BoardFilters
from webapp.services.bookings import export as booking_export
from webapp.services.bookings.filters import Filters, today

bp = Blueprint("exports", __name__)
access.require(bp, Role.MANAGER)


@bp.post("/bookings/export")
def bookings() -> ResponseReturnValue:
    """All pages of the list. A POST, because each export is recorded."""
    return _file("bookings", booking_export.export(Filters.read(request.args), by=audit.person(current_user)))


@bp.post("/messages/export")
def messages() -> ResponseReturnValue:
    """All pages of the delivery board, a line for each message."""
    return _file("messages", board_export.export(BoardFilters.read(request.args), by=audit.person(current_user)))


def _file(name: str, pieces: Iterator[bytes]) -> ResponseReturnValue:
    file = f"{name}-{today().date().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return stream_with_context(pieces), 200, {"Content-Type": "text/csv; charset=utf-8", **headers}
