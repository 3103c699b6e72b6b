"""Answers to an act on many bookings: the changed rows with a toast, a dialog of failed ones, or a page of all."""

from collections import Counter
from collections.abc import Sequence

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webapp.extensions import htmx
from webapp.i18n import ngettext
from webapp.routes.bookings.responses import ROWS, going_out
from webapp.routes.responses import Outlook
from webapp.services.bookings import bulk
from webapp.services.bookings import counts as booking_counts
from webapp.services.bookings import view as booking_view
from webapp.services.bookings.bulk import Act
from webapp.services.bookings.filters import TO_VERIFY, Filters
from webapp.services.queue import banner
from webapp.services.row_fates import Fate, Result
from webapp.templating import form_key


def done(act: Act, results: Sequence[Result]) -> ResponseReturnValue:
    """Say how many were changed, with a way to undo it."""
    hold = bulk.release(results)
    acts = [result.act for result in results if result.fate is Fate.DONE and result.act]
    many = sum(result.fate is Fate.DONE for result in results)
    if act is Act.CONFIRM:
        said = ngettext("%(num)s booking confirmed.", "%(num)s bookings confirmed.", many)
    else:
        said = ngettext("%(num)s booking declined.", "%(num)s bookings declined.", many)
    undo = {"acts": ",".join(str(one.id) for one in acts), "form_key": form_key("undo", *(a.id for a in acts))}
    return _answer(results, said, going_out(bulk.messages_of(acts), hold), undo if acts and hold else None)


def taken_back(results: Sequence[Result]) -> ResponseReturnValue:
    """Say how many were undone."""
    many = sum(result.fate is Fate.DONE for result in results)
    said = ngettext("%(num)s booking undone. Nothing was sent.", "%(num)s bookings undone. Nothing was sent.", many)
    return _answer(results, said, None, None)


def _answer(
    results: Sequence[Result], said: str, outlook: Outlook | None, undo: dict[str, str] | None
) -> ResponseReturnValue:
    booking_counts.forget()
    banner.forget()
    failed = [result for result in results if result.fate is not Fate.DONE]
    if failed:
        # Some of them may have been done: their rows say which.
        said += " " + ngettext("%(num)s booking failed.", "%(num)s bookings failed.", len(failed))
    view = request.form.get("view", "")
    needs = {"said": said, "outlook": outlook, "undo": undo, "view": view if view in ROWS else "row", "back": _back()}
    if not htmx:
        fates = Counter(result.fate for result in results)
        return render_template("bookings/bulk/done.html", results=results, fates=fates, **needs)
    rows = [booking_view.shown(booking, money_first=view == TO_VERIFY) for booking in bulk.rows(results)]
    return render_template("bookings/bulk/_done.html", failed=failed, rows=rows, **needs)


def _back() -> dict[str, str]:
    """Returns the filters of the list that the act was chosen from."""
    return Filters.read({name.removeprefix("list_"): value for name, value in request.form.items()}).query()
