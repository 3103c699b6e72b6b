"""Drop what nobody needs any more."""

from webapp.services import idempotency
from webapp.services.failures import batches
from webapp.services.housekeeping import capacity, heartbeats, log_store, retention


def run() -> int:
    """Drop kept answers after 24 h, plans that nobody started, workers and slots' hours of long ago, all log lines but
    the newest, and what KEEP_DAYS says; how many.
    """
    gone = idempotency.forget_old() + batches.forget_plans() + heartbeats.forget_old() + capacity.forget_old()
    return gone + log_store.prune() + retention.forget_old()
