"""Look up attempts whose outcome is unknown."""

from webapp.duties.base import Duty, Thread
from webapp.services import look_ups

DUTY = Duty("look_up", look_ups.look_up_due, Thread.PROVIDER)
