"""Drop what nobody needs any more."""

from webapp.duties.base import Duty, Thread
from webapp.services import batches, kept_answers, workers


def run() -> int:
    """Drop kept answers after 24 h, plans that nobody started and workers not seen for a day; how many rows."""
    return kept_answers.forget_old() + batches.forget_plans() + workers.forget_old()


DUTY = Duty("prune", run, Thread.DATABASE, every=600)
