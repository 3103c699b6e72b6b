"""Answers to an act on many bookings: the changed rows with a toast, a dialog of failed ones, or a page of all."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.extensions import htmx
from webapp.routes.bookings.responses import ROWS, going_out
from webapp.services.bookings import bulk
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.bulk import Act, Plan
from webapp.services.bookings.filters import TO_VERIFY, Filters
from webapp.services.queue import banner
from webapp.services.row_fates import Fate, Result
from webapp.settings import current
from webapp.templating import form_key

DONE = {Act.CONFIRM: "confirmed", Act.DECLINE: "declined"}


def plan_needs(plan: Plan, filters: Filters) -> dict[str, Any]:
    """Returns what the page and the dialog show before the act."""
    return {
        "plan": plan,
        "filters": filters,
        "view": request.args.get("view", ""),
        "undo_seconds": current().undo_seconds,
    }


def done(act: Act, results: Sequence[Result]) -> ResponseReturnValue:
    """Say how many were changed, with a way to undo it."""
    hold = bulk.release(results)
    acts = [result.act for result in results if result.fate is Fate.DONE and result.act]
    many = sum(result.fate is Fate.DONE for result in results)
    said = f"{_bookings(many)} {DONE[act]}. {going_out(bulk.messages_of(acts), hold)}"
    undo = {"acts": ",".join(str(one.id) for one in acts), "form_key": form_key("undo", *(a.id for a in acts))}
    return _answer(results, said, undo if acts and hold else None)


def taken_back(results: Sequence[Result]) -> ResponseReturnValue:
    """Say how many were undone."""
    many = sum(result.fate is Fate.DONE for result in results)
    return _answer(results, f"{_bookings(many)} taken back: nothing was sent.", None)


def _answer(results: Sequence[Result], said: str, undo: dict[str, str] | None) -> ResponseReturnValue:
    booking_counts.forget()
    banner.forget()
    failed = [result for result in results if result.fate is not Fate.DONE]
    if failed:
        said += f" {_bookings(len(failed))} could not be."  # Or may have been: their rows say which.
    view = request.form.get("view", "")
    needs = {"said": said, "undo": undo, "view": view if view in ROWS else "row", "back": _back()}
    if not htmx:
        fates = Counter(result.fate for result in results)
        return render_template("bookings/bulk/done.html", results=results, fates=fates, **needs)
    rows = [booking_view.shown(booking, money_first=view == TO_VERIFY) for booking in bulk.rows(results)]
    return render_template("bookings/bulk/_done.html", failed=failed, rows=rows, **needs)


def _back() -> dict[str, str]:
    """Returns the filters of the list that the act was chosen from."""
    return Filters.read({name.removeprefix("list_"): value for name, value in request.form.items()}).query()


def _bookings(many: int) -> str:
    return "1 booking" if many == 1 else f"{many} bookings"
