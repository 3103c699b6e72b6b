"""Ask the provider, by id, for receipts that did not come: Delivered works without a public URL."""

from webapp.duties.base import Duty, Thread
from webapp.services.delivery import receipts

DUTY = Duty("ask_for_receipts", receipts.ask_due, Thread.PROVIDER)
