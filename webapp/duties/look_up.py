"""Look up attempts whose outcome is unknown."""

from webapp.duties.base import Duty, Thread
from webapp.services.delivery import lookups

DUTY = Duty("look_up", lookups.look_up_due, Thread.PROVIDER)
