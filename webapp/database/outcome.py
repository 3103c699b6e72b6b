"""Whether the act of this request was done: nothing may say that nothing was changed once a commit has succeeded."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from flask import g, has_app_context
from sqlalchemy.exc import IntegrityError

from webapp import faults
from webapp.faults import FULL, READ_ONLY, Fault

DONE_SENTENCE = "It was done; only the answer could not be shown. Reload the page to see it."
PERHAPS_SENTENCE = "It may have been done. Reload the page and look; doing it again does nothing twice."


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
    is_unsure: bool = False  # A commit was asked for, and its answer was lost.
    was_done_before: bool = False  # This request only repeats a form that did it.
    is_part: bool = False  # It was broken off between acts: those after it were not begun.

    @property
    def outcome(self) -> Outcome:
        """What these transactions add up to."""
        is_part = self.done > 0 and (self.is_part or self.done < self.begun)
        if self.is_unsure or (is_part and not self.was_done_before):
            return Outcome.PERHAPS
        return Outcome.DONE if self.done or self.was_done_before else Outcome.NOTHING

    def add(self, one: "Tally") -> None:
        """Count one of many acts in."""
        self.begun += 1 if one.was_done_before else one.begun
        self.done += 1 if one.was_done_before else one.done
        self.is_unsure = self.is_unsure or one.is_unsure


def tally() -> Tally:
    """The tally of the act in hand: of this request, or of one row within it."""
    if not has_app_context():
        return Tally()
    if "outcome" not in g:
        g.outcome = Tally()
    kept: Tally = g.outcome
    return kept


def current() -> Outcome:
    """What became of the act in hand so far."""
    return tally().outcome


def was_done_before() -> None:
    """Note that the act stands already."""
    tally().was_done_before = True


@contextmanager
def of_many() -> Iterator[None]:
    """Around a loop over acts: what breaks it off leaves a part of them undone, whether or not the next had begun."""
    try:
        yield
    except BaseException:
        tally().is_part = True
        raise


@contextmanager
def of_one() -> Iterator[Tally]:
    """Keep an own tally for one of many acts of a request; it is added to the request's afterwards."""
    whole, one = tally(), Tally()
    g.outcome = one
    try:
        yield one
    finally:
        whole.add(one)
        g.outcome = whole


@contextmanager
def committing() -> Iterator[None]:
    """Note how a commit ends. Nothing but the commit itself may stand inside."""
    kept = tally()
    try:
        yield
    except BaseException as error:
        kept.is_unsure = kept.is_unsure or not _is_refusal(error)
        raise
    kept.done += 1


def _is_refusal(error: BaseException) -> bool:
    """Whether the database itself says that it did not commit; a connection that was lost says neither."""
    fault: Fault | None = faults.of(error)
    return isinstance(error, IntegrityError) or fault in (READ_ONLY, FULL)
