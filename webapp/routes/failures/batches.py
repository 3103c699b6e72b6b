"""One act on many failed messages: the plan, its start, and its progress."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import Invalid, NotAllowed
from webapp.i18n import gettext
from webapp.models import Batch, BatchKind, Role
from webapp.routes import access
from webapp.routes.responses import actor, unchanged_or
from webapp.services.failures import batch_runner, batch_view, batches, selection
from webapp.services.failures.selection import Picked
from webapp.services.parsing.fields import row_id
from webapp.services.queue import banner

bp = Blueprint("batches", __name__, url_prefix="/messages/batches")
access.require(bp, Role.MANAGER)
ONE = "/<row:batch_id>"


@bp.post("")
def plan() -> ResponseReturnValue:
    """Store the messages, ticked or all that match, and show what the act would do."""
    kind = _kind()
    batch = batches.plan(kind, _picked(kind), by=actor())
    if batch is None:
        flash(gettext("No failed message matches any more: there is nothing to do."), "error")
        return redirect(url_for("causes.index"), 303)
    return redirect(url_for(".show", batch_id=batch.id), 303)


@bp.get(ONE)
def show(batch_id: int) -> ResponseReturnValue:
    """The plan, until it is started; then its progress."""
    batch = batches.get(batch_id)
    if batch.started_at:
        return render_template("failures/batches/show.html", seen=batch_view.progress(batch), **_needs(batch))
    return render_template("failures/batches/plan.html", seen=batch_view.preview(batch), **_needs(batch))


@bp.get(f"{ONE}/progress")
def progress(batch_id: int) -> ResponseReturnValue:
    """The part of the page that moves."""
    batch = batches.get(batch_id)
    return unchanged_or(
        render_template("failures/batches/_live.html", seen=batch_view.progress(batch), **_needs(batch))
    )


@bp.post(f"{ONE}/start")
def start(batch_id: int) -> ResponseReturnValue:
    """Start, and do the first part now; the rest goes on even if the page is closed."""
    batch = batches.get(batch_id)
    _check(batch.kind)
    if batches.start(batch, by=actor(), note=request.form.get("note", "")):
        batch_runner.begin(batch_id)
        banner.forget()
    return redirect(url_for(".show", batch_id=batch_id), 303)


def _needs(batch: Batch) -> dict[str, Any]:
    """Returns what each page of a batch shows besides its counts."""
    refused, after = request.args.get("rows") == "refused", row_id(request.args.get("after", "")) or 0
    rows = batch_view.rows(batch, only_refused=refused, after=after)
    return {"batch": batch, "rows": rows, "only_refused": refused, "after": after, "may": _may(batch.kind)}


def _kind() -> BatchKind:
    try:
        kind = BatchKind(request.form.get("kind", ""))
    except ValueError as error:
        raise Invalid(gettext("This form is incomplete: reload the page and try again.")) from error
    _check(kind)
    return kind


def _may(kind: BatchKind) -> bool:
    return bool(current_user.can(batches.NEEDS[kind]))


def _check(kind: BatchKind) -> None:
    """Sending again needs a higher role than resolving, and both are posted to one URL."""
    if not _may(kind):
        raise NotAllowed


def _picked(kind: BatchKind) -> Picked:
    if request.form.get("all"):
        return selection.matching(kind, request.form)
    return selection.ticked(request.form.getlist("id"))
