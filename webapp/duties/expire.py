"""Close messages that waited past their time."""

from webapp.duties.base import Duty, Thread
from webapp.services.delivery import lookups

DUTY = Duty("expire", lookups.expire_due, Thread.DATABASE)
