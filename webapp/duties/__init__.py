"""What the housekeeper does, one file a duty. A new duty is a file with a `DUTY`, and its line here."""

from webapp.duties import (
    alert,
    ask_for_receipts,
    batches,
    due_times,
    end_leases,
    expire,
    fall_back,
    look_up,
    morning_mail,
    prune,
    ring,
    sample,
    sandbox_receipts,
    tally,
    tally_gaps,
    watch_workers,
)
from webapp.duties.base import Duty

ALL: tuple[Duty, ...] = (
    ring.DUTY,
    end_leases.DUTY,
    look_up.DUTY,
    ask_for_receipts.DUTY,
    expire.DUTY,
    due_times.DUTY,
    fall_back.DUTY,
    batches.DUTY,
    sandbox_receipts.DUTY,
    prune.DUTY,
    sample.DUTY,
    alert.DUTY,
    tally.DUTY,
    tally_gaps.DUTY,
    morning_mail.DUTY,
)
# What the web processes do: workers cannot notice that none of them is left.
OF_WEB: tuple[Duty, ...] = (watch_workers.DUTY,)
