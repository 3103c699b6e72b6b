"""Take on what is `sending` past its lease."""

from webapp.duties.base import Duty, Thread
from webapp.services.delivery import lookups

DUTY = Duty("end_leases", lookups.end_leases, Thread.DATABASE)
