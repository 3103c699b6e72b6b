"""Keys of programs that call the API, for admins."""

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.errors import Conflict, Invalid
from webapp.i18n import gettext
from webapp.models import Role
from webapp.routes import access
from webapp.routes.responses import actor, fragment_or_redirect
from webapp.services.accounts import api_keys

bp = Blueprint("keys", __name__, url_prefix="/admin/keys")
access.require(bp, Role.ADMIN)


@bp.get("")
def index() -> ResponseReturnValue:
    return _page()


@bp.post("")
def create() -> ResponseReturnValue:
    """Make a key. Only this answer shows it."""
    name = request.form.get("name", "")
    try:
        return _page(made=api_keys.create(name, by=actor()))
    except Invalid as error:
        return _page(errors=error.fields, name=name), 422
    except Conflict as error:
        return _page(errors={"name": error.sentence}), error.status


@bp.post("/<row:key_id>/revocation")
def revoke(key_id: int) -> ResponseReturnValue:
    name = api_keys.revoke(key_id, by=actor())
    return fragment_or_redirect(
        "accounts/api_keys/_list.html", otherwise=url_for(".index"), keys=api_keys.list_all(),
        toast=gettext("%(name)s is revoked: calls with its key are refused from now on.", name=name),
    )  # fmt: skip


def _page(*, made: str = "", errors: dict[str, str] | None = None, name: str = "") -> str:
    return render_template(
        "accounts/api_keys/index.html", keys=api_keys.list_all(), made=made, errors=errors or {}, name=name
    )
