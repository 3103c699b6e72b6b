"""Who did what, when: the audit log, for admins."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from webapp.models import Role
from webapp.routes import access
from webapp.services.audit import log as audit_log
from webapp.services.audit.log import Filters
from webapp.services.parsing.fields import row_id

bp = Blueprint("audit", __name__, url_prefix="/admin/audit")
access.require(bp, Role.ADMIN)


@bp.get("")
def index() -> ResponseReturnValue:
    """A page of the log."""
    filters = Filters.read(request.args)
    page = audit_log.page(filters, before=_id("before"), after=_id("after"))
    return render_template("accounts/audit/index.html", filters=filters, page=page, people=audit_log.people())


def _id(name: str) -> int | None:
    """An id in the query; what is none is left out."""
    return row_id(request.args.get(name, ""))
