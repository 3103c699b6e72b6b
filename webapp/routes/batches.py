"""Dealing with many failed messages at once: the plan, its start, and how far it is."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp.errors import Invalid, NotAllowed
from webapp.models import BatchKind, Role
from webapp.routes import access
from webapp.routes.answers import actor, unchanged_or
from webapp.services import batch_view, batch_work, batches, picking, standing
from webapp.services.picking import Picked

bp = Blueprint("batches", __name__, url_prefix="/messages/batches")
access.require(bp, Role.MANAGER)
ONE = "/<int(max=9223372036854775807):batch_id>"


@bp.post("")
def plan() -> ResponseReturnValue:
    """Keep which messages are meant, the ticked or all that match, and show what would be done with them."""
    kind = _kind()
    batch = batches.plan(kind, _picked(kind), by=actor())
    if batch is None:
        flash("No failed message matches any more: there is nothing to do.", "error")
        return redirect(url_for("causes.index"), 303)
    return redirect(url_for(".show", batch_id=batch.id), 303)


@bp.get(ONE)
def show(batch_id: int) -> ResponseReturnValue:
    """What would be done, until it is started; then what is done, and what became of it."""
    batch, refused, after = batches.get(batch_id), request.args.get("rows") == "refused", request.args.get("after", "")
    rows = batch_view.rows(batch, only_refused=refused, after=int(after) if _fits(after) else 0)
    seen = batch_view.progress(batch) if batch.started_at else batch_view.preview(batch)
    shown = "batches/show.html" if batch.started_at else "batches/plan.html"
    return render_template(shown, batch=batch, seen=seen, rows=rows, only_refused=refused, may=_may(batch.kind))


@bp.get(f"{ONE}/progress")
def progress(batch_id: int) -> ResponseReturnValue:
    """How far it is; asks for itself until nothing moves any more."""
    batch = batches.get(batch_id)
    return unchanged_or(render_template("batches/_progress.html", batch=batch, seen=batch_view.progress(batch)))


@bp.post(f"{ONE}/start")
def start(batch_id: int) -> ResponseReturnValue:
    """Do the first part now; the rest goes on whether the page stays open or not."""
    batch = batches.get(batch_id)
    _check(batch.kind)
    if batches.start(batch, by=actor(), note=request.form.get("note", "")):
        batch_work.begin(batch_id)
        standing.forget()
    return redirect(url_for(".show", batch_id=batch_id), 303)


def _kind() -> BatchKind:
    try:
        kind = BatchKind(request.form.get("kind", ""))
    except ValueError as unknown:
        raise Invalid("This form is incomplete: reload the page and try again.") from unknown
    _check(kind)
    return kind


def _may(kind: BatchKind) -> bool:
    return bool(current_user.can(batches.NEEDS[kind]))


def _check(kind: BatchKind) -> None:
    """Sending again needs more than closing does, and both are posted to one address."""
    if not _may(kind):
        raise NotAllowed


def _picked(kind: BatchKind) -> Picked:
    if request.form.get("all"):
        return picking.matching(kind, request.form)
    return picking.ticked(request.form.getlist("id"))


def _fits(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 18
