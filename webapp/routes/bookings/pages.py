"""The list of bookings, the page of one, and the acts on it."""

from collections.abc import Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict
from webapp.i18n import gettext
from webapp.models import Booking, BookingStatus, Role
from webapp.routes import access
from webapp.routes.bookings import responses as booking_responses
from webapp.routes.bookings.responses import ROWS, done, reason
from webapp.routes.responses import act_to_undo, actor, form_version, query_id, shown_versions, unchanged_or
from webapp.services import bookings
from webapp.services.bookings import bulk, notes, undo
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import listing as booking_list
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.filters import SORTS, TO_VERIFY, Filters, quick_days, today
from webapp.services.bookings.listing import Cursor

bp = Blueprint("bookings", __name__)
access.require(bp, Role.FRONT_DESK)
SHEET = 500  # The most bookings on paper.
NOT_COMING = (BookingStatus.DECLINED, BookingStatus.CANCELLED)


@bp.get("/bookings")
def index() -> ResponseReturnValue:
    filters, args = Filters.read(request.args), request.args
    page = booking_list.page(
        filters, after=Cursor.read(args.get("after", "")), before=Cursor.read(args.get("before", ""))
    )
    return render_template(
        "bookings/index.html", page=page, **_rows([booking for booking, _ in page.rows], filters),
        seen=booking_list.newest_id(), quick=quick_days(), services=booking_counts.services(),
        able=bulk.how_many_match(filters), sorts=SORTS, **_work(filters),
    )  # fmt: skip


@bp.get("/bookings/list/sheet")
def sheet() -> ResponseReturnValue:
    """The list for paper: up to SHEET rows, without buttons; who does not come is left out, unless asked for."""
    filters = Filters.read(request.args)
    coming = [] if filters.status else [Booking.status.not_in(NOT_COMING)]
    found = booking_list.first(filters, SHEET, *coming)
    rows, written = [booking_view.shown(booking) for booking in found], notes.texts_of(found)
    return render_template("bookings/sheet.html", rows=rows, notes=written, most=SHEET, sorts=SORTS, **_work(filters))


@bp.get("/bookings/list/work")
def work() -> ResponseReturnValue:
    """The chips with their counts, the line of open work, and the shown rows that have changed."""
    filters, seen = Filters.read(request.args), query_id("seen") or 0
    changed = booking_list.changed(shown_versions())
    news = {
        "newer": booking_list.newer(filters, seen) if seen else 0,
        "moved": (query_id("moved") or 0) + booking_list.how_many_left(filters, changed),
    }
    return unchanged_or(
        render_template("bookings/_work.html", seen=seen, **news, **_rows(changed, filters), **_work(filters))
    )


@bp.get("/bookings/<reference>")
def show(reference: str) -> ResponseReturnValue:
    booking = bookings.get(reference)
    return render_template("bookings/show.html", **booking_responses.card_needs(booking))


@bp.get("/bookings/<reference>/card")
def card(reference: str) -> ResponseReturnValue:
    return unchanged_or(render_template("bookings/_card.html", **booking_responses.card_needs(bookings.get(reference))))


@bp.get("/bookings/<reference>/row")
def row(reference: str) -> ResponseReturnValue:
    view = request.args.get("view", "")
    needs = booking_responses.row_needs(bookings.get(reference), view if view in ROWS else "row")
    return unchanged_or(render_template("bookings/_row.html", **needs))


@bp.post("/bookings/<reference>/confirmation")
def confirm(reference: str) -> ResponseReturnValue:
    act = bookings.confirm(bookings.find(reference), by=actor(), expected_version=form_version())
    return done(reference, act, gettext("%(reference)s confirmed.", reference=reference))


@bp.post("/bookings/<reference>/refusal")
def decline(reference: str) -> ResponseReturnValue:
    act = bookings.decline(bookings.find(reference), by=actor(), reason=reason(), expected_version=form_version())
    return done(reference, act, gettext("%(reference)s declined.", reference=reference))


@bp.post("/bookings/<reference>/cancellation")
def cancel(reference: str) -> ResponseReturnValue:
    act = bookings.cancel(bookings.find(reference), by=actor(), reason=reason(), expected_version=form_version())
    return done(reference, act, gettext("%(reference)s cancelled.", reference=reference))


@bp.post("/bookings/<reference>/completion")
def complete(reference: str) -> ResponseReturnValue:
    act = bookings.complete(bookings.get(reference), by=actor(), expected_version=form_version())
    return done(reference, act, gettext("%(reference)s completed.", reference=reference))


@bp.post("/bookings/<reference>/absence")
def miss(reference: str) -> ResponseReturnValue:
    act = bookings.mark_no_show(bookings.get(reference), by=actor(), expected_version=form_version())
    return done(reference, act, gettext("%(reference)s marked as a no-show.", reference=reference))


@bp.post("/bookings/<reference>/reopening")
def reopen(reference: str) -> ResponseReturnValue:
    act = bookings.reopen(bookings.get(reference), by=actor(), expected_version=form_version())
    return done(reference, act, gettext("%(reference)s reopened.", reference=reference))


@bp.post("/bookings/<reference>/undo")
def take_back(reference: str) -> ResponseReturnValue:
    back = undo.undo(bookings.get(reference), act_to_undo(), by=actor())
    return booking_responses.as_it_stands(bookings.get(reference), booking_responses.undone(back))


@bp.errorhandler(Conflict)
def refused(error: Conflict) -> ResponseReturnValue:
    """Show the booking as it is now, whichever act came too late."""
    return booking_responses.refused((request.view_args or {})["reference"], error)


def _rows(found: Sequence[Booking], filters: Filters) -> dict[str, object]:
    """Returns what the rows of a list need."""
    view = TO_VERIFY if filters.status == TO_VERIFY else "row"
    return {"rows": [booking_view.shown(one, money_first=view == TO_VERIFY) for one in found], "view": view}


def _work(filters: Filters) -> dict[str, object]:
    """Returns the counts of all bookings for the line of open work, and those of the filtered list for the chips."""
    found = booking_counts.counts_for(filters)
    return {
        "filters": filters,
        "everything": booking_counts.totals(),
        "counts": found,
        "labels": booking_counts.labels(found, filters),
        "today": today(),
    }
