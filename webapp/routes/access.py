"""Each blueprint states the one role that may use it."""

from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_login import current_user

from webapp import security
from webapp.errors import NotAllowed
from webapp.extensions import login_manager
from webapp.models import Role

# The role of each blueprint; None lets everybody in. A rule test checks all endpoints against this table.
ROLES: dict[str, Role | None] = {}


def require(bp: Blueprint, role: Role) -> None:
    """Let only people of this role, or of a role above it, into a blueprint."""
    ROLES[bp.name] = role

    @bp.before_request
    def check() -> ResponseReturnValue | None:
        if not current_user.is_authenticated:
            return login_manager.unauthorized()  # type: ignore[no-any-return]
        if not current_user.can(role):
            raise NotAllowed
        return None


def for_programs(bp: Blueprint, *addresses: str) -> None:
    """Let programs into a blueprint, which checks their signature itself; see `security.for_programs`."""
    public(bp)
    security.for_programs(bp, *addresses)


def public(bp: Blueprint) -> None:
    """Let everybody into a blueprint."""
    ROLES[bp.name] = None
