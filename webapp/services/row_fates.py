"""The result of each row of an act on many rows."""

from dataclasses import dataclass
from enum import StrEnum

import structlog

from webapp.database.outcome import Outcome, Tally
from webapp.errors import BellhopError
from webapp.extensions import db
from webapp.i18n import N_, gettext
from webapp.models import Audit

WENT_WRONG = N_("Something went wrong, and nothing was changed. Try this one again by itself.")
PERHAPS = N_("It may have been done: check it. Doing it again does nothing twice.")
log = structlog.get_logger(__name__)


class Fate(StrEnum):
    """What became of one row."""

    DONE = "done"
    OUTRUN = "outrun"  # Somebody else was first.
    NOT_POSSIBLE = "not_possible"
    UNSURE = "unsure"  # The connection was lost while it was being saved.


@dataclass(frozen=True)
class Result:
    """The result of one row, with a sentence for the screen."""

    booking_id: int
    reference: str
    name: str
    fate: Fate
    sentence: str
    act: Audit | None = None
    is_repeat: bool = False  # The same form had done it before.


def failed(failure: Exception, reference: str, tally: Tally, done: str) -> tuple[Fate, str]:
    """Returns the result of a row that raised an error: the sentence of our own errors; others are logged."""
    db.session.rollback()
    if isinstance(failure, BellhopError):
        return Fate.NOT_POSSIBLE, failure.sentence
    log.error("One row of a bulk act failed.", exc_info=failure, booking=reference)
    if tally.outcome is Outcome.DONE:
        return Fate.DONE, done
    if tally.outcome is Outcome.PERHAPS:
        return Fate.UNSURE, gettext(PERHAPS)
    return Fate.NOT_POSSIBLE, gettext(WENT_WRONG)
