"""Who did what, and who was first."""

from webapp.services.audit.acts import ACTS, UNDOABLE, VERSIONLESS, Act
from webapp.services.audit.trail import BELLHOP, Actor, first_of, first_result, last_of, made_by, outrun, person, record

__all__ = [
    "ACTS", "BELLHOP", "UNDOABLE", "VERSIONLESS", "Act", "Actor", "first_of", "first_result", "last_of", "made_by",
    "outrun", "person", "record",
]  # fmt: skip
