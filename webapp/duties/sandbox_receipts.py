"""Send the receipts that a provider would send for what the sandbox took."""

from webapp.duties.base import Duty, Thread
from webapp.services.delivery import sandbox

DUTY = Duty("sandbox_receipts", sandbox.step_due, Thread.DATABASE, every=0.5)
