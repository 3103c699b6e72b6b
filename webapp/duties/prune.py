"""Drop what nobody needs any more."""

from webapp.duties.base import Duty, Thread
from webapp.services import idempotency, keeping, log_keeping, slots, workers
from webapp.services.failures import batches


def run() -> int:
    """Drop kept answers after 24 h, plans that nobody started, workers and slots' hours of long ago, all log lines but
    the newest, and what KEEP_DAYS says; how many.
    """
    gone = idempotency.forget_old() + batches.forget_plans() + workers.forget_old() + slots.forget_old()
    return gone + log_keeping.prune() + keeping.forget_old()


DUTY = Duty("prune", run, Thread.DATABASE, every=600)
