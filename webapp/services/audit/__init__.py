"""Who did what, and who was first."""

from webapp.services.audit.trail import (
    ACTS,
    BELLHOP,
    QUIET,
    Actor,
    first_result,
    last_of,
    made_by,
    outrun,
    person,
    record,
)

__all__ = ["ACTS", "BELLHOP", "QUIET", "Actor", "first_result", "last_of", "made_by", "outrun", "person", "record"]
