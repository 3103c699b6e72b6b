"""Deletes rows that nobody needs any more."""

from webapp.services import idempotency
from webapp.services.failures import batches
from webapp.services.housekeeping import capacity, heartbeats, log_store, retention


def run() -> int:
    """Delete old API answers, plans that nobody started, old workers and slot hours, old log lines, and rows past
    KEEP_DAYS. Returns how many.
    """
    deleted = idempotency.forget_old() + batches.forget_plans() + heartbeats.forget_old() + capacity.forget_old()
    return deleted + log_store.prune() + retention.forget_old()
