"""What became of each row of an act on many, in words."""

from dataclasses import dataclass
from enum import StrEnum

import structlog

from webapp.database.outcome import Outcome, Tally
from webapp.errors import BellhopError
from webapp.extensions import db
from webapp.models import Audit

WENT_WRONG = "Something went wrong, and nothing was changed. Try this one again by itself."
PERHAPS = "It may have been done: look at it. To do it again does nothing twice."
log = structlog.get_logger(__name__)


class Fate(StrEnum):
    """What became of one row."""

    DONE = "done"
    OUTRUN = "outrun"  # Somebody else was first.
    NOT_POSSIBLE = "not_possible"
    UNSURE = "unsure"  # The connection was lost while it was being saved.


@dataclass(frozen=True)
class Result:
    """What became of one row, in words."""

    booking_id: int
    reference: str
    name: str
    fate: Fate
    said: str
    act: Audit | None = None
    is_repeat: bool = False  # The same form had done it before.


def failed(failure: Exception, reference: str, tally: Tally, done: str) -> tuple[Fate, str]:
    """What became of a row in which something failed. An error of ours has its sentence; others are written down."""
    db.session.rollback()
    if isinstance(failure, BellhopError):
        return Fate.NOT_POSSIBLE, failure.sentence
    log.error("One row of a bulk act failed.", exc_info=failure, booking=reference)
    if tally.outcome is Outcome.DONE:
        return Fate.DONE, done
    return (Fate.UNSURE, PERHAPS) if tally.outcome is Outcome.PERHAPS else (Fate.NOT_POSSIBLE, WENT_WRONG)
