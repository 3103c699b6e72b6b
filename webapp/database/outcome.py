"""Whether the act of this request was done. No answer may say "nothing was changed" after a commit has succeeded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import cast

from flask import g, has_app_context
from sqlalchemy.exc import IntegrityError

from webapp import faults
from webapp.faults import FULL, READ_ONLY
from webapp.i18n import N_

DONE_SENTENCE = N_("It was done; only the answer could not be shown. Reload the page to see it.")
PERHAPS_SENTENCE = N_("It may have been done. Reload the page and look; doing it again does nothing twice.")


class Outcome(Enum):
    """What became of an act."""

    NOTHING = "nothing was changed"
    DONE = "it was done"
    PERHAPS = "it may have been done, whole or in part"


@dataclass
class Tally:
    """The write transactions of one act."""

    begun: int = 0
    done: int = 0
    is_unsure: bool = False  # The answer to a commit was lost.
    was_done_before: bool = False  # The form was sent before, and did it then.
    is_part: bool = False  # It broke off between two acts; the later ones were not begun.

    @property
    def outcome(self) -> Outcome:
        """Returns what the transactions add up to."""
        is_part = self.done > 0 and (self.is_part or self.done < self.begun)
        if self.is_unsure or (is_part and not self.was_done_before):
            return Outcome.PERHAPS
        return Outcome.DONE if self.done or self.was_done_before else Outcome.NOTHING

    def add(self, one: "Tally") -> None:
        """Add the tally of one of many acts."""
        self.begun += 1 if one.was_done_before else one.begun
        self.done += 1 if one.was_done_before else one.done
        self.is_unsure = self.is_unsure or one.is_unsure


def tally() -> Tally:
    """Returns the tally of the current act: of this request, or of one row within it."""
    return cast("Tally", g.setdefault("outcome", Tally())) if has_app_context() else Tally()


@contextmanager
def of_many() -> Iterator[None]:
    """Wrap a loop over acts: an error that breaks it off leaves a part of them undone."""
    try:
        yield
    except BaseException:
        tally().is_part = True
        raise


@contextmanager
def of_one() -> Iterator[Tally]:
    """Keep a tally for one of many acts, and add it to the request's afterwards."""
    whole, one = tally(), Tally()
    g.outcome = one
    try:
        yield one
    finally:
        whole.add(one)
        g.outcome = whole


@contextmanager
def committing() -> Iterator[None]:
    """Record how a commit ends. Only the commit itself may stand inside."""
    act = tally()
    try:
        yield
    except BaseException as error:
        act.is_unsure = act.is_unsure or not _is_refusal(error)
        raise
    act.done += 1


def _is_refusal(error: BaseException) -> bool:
    """Returns whether the database itself said that it did not commit. A lost connection says nothing."""
    return isinstance(error, IntegrityError) or faults.of_error(error) in (READ_ONLY, FULL)
