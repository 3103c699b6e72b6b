"""Close messages that waited past their time."""

from webapp.duties.base import Duty, Thread
from webapp.services import look_ups

DUTY = Duty("expire", look_ups.expire_due, Thread.DATABASE)
