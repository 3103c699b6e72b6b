"""Drop what nobody needs any more."""

from webapp.duties.base import Duty, Thread
from webapp.services import batches, kept_answers, slots, workers


def run() -> int:
    """Drop kept answers after 24 h, plans that nobody started, and workers and slots' hours of long ago; how many."""
    return kept_answers.forget_old() + batches.forget_plans() + workers.forget_old() + slots.forget_old()


DUTY = Duty("prune", run, Thread.DATABASE, every=600)
