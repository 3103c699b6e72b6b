"""One worker or one task, for admins; and telling a worker to stop."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import NotFound
from webapp.i18n import gettext
from webapp.models import Role
from webapp.monitor.queue import of_app, queue_view
from webapp.monitor.workers import page as worker_page
from webapp.routes import access
from webapp.routes.responses import actor, fragment_or_redirect, unchanged_or
from webapp.services.housekeeping import heartbeats

bp = Blueprint("queue_workers", __name__, url_prefix="/queue")
access.require(bp, Role.ADMIN)


@bp.get("/workers/<name>")
def show(name: str) -> ResponseReturnValue:
    return render_template("queue/worker.html", page=worker_page.read(name))


@bp.get("/workers/<name>/detail")
def detail(name: str) -> ResponseReturnValue:
    """Show what changes on a worker's page."""
    return unchanged_or(render_template("queue/_worker.html", page=worker_page.read(name)))


@bp.post("/workers/<name>/stop")
def stop(name: str) -> ResponseReturnValue:
    """Tell a worker to stop. It reads that at its next heartbeat, and finishes what it is sending."""
    heartbeats.ask_to_stop(name, by=actor())
    of_app().forget()
    toast = gettext("%(worker)s will stop. It takes nothing more, finishes what it is sending, and ends.", worker=name)
    otherwise = url_for(".show", name=name)
    return fragment_or_redirect("queue/_worker.html", otherwise=otherwise, toast=toast, page=worker_page.read(name))


@bp.get("/tasks/<task_id>")
def task(task_id: str) -> ResponseReturnValue:
    view = queue_view()
    found = view.task(task_id)
    if found is None:
        raise NotFound(
            gettext("This task is over, or no worker has reported it. The page of its message has the outcome.")
        )
    return render_template("queue/task.html", view=view, task=found)


@bp.get("/tasks/<task_id>/detail")
def task_detail(task_id: str) -> ResponseReturnValue:
    """Show what changes on a task's page. Once the task is over, the page says so and polls no more."""
    view = queue_view()
    return unchanged_or(render_template("queue/_task.html", view=view, task=view.task(task_id), task_id=task_id))
