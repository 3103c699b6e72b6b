"""Bring messages forward whose due time was set by a clock that ran ahead."""

from webapp.duties.base import Duty, Thread
from webapp.services.housekeeping import due_times

DUTY = Duty("due_times", due_times.bring_forward, Thread.DATABASE, every=10)
