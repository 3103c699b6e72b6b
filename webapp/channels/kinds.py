"""The shape of a reason: what a code means, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from webapp.channels.base import Scope


class Kind(StrEnum):
    """What to do about a code."""

    TEMPORARY = "temporary"
    PERMANENT = "permanent"
    MISCONFIGURED = "misconfigured"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Reason:
    """A code's class, scope, and two short sentences: what happened, and what helps."""

    kind: Kind
    scope: Scope
    text: str
    helps: str
    link: str = ""
    wait: float = 0  # Least seconds before another try makes sense; 0 leaves it to the schedule.
    uses_try: bool = True  # False where it is a limit of ours, and says nothing of this message.
