"""Tell guests on the next channel where one could not reach them."""

from webapp.duties.base import Duty, Thread
from webapp.services.messages import fallback

DUTY = Duty("fall_back", fallback.fall_back_due, Thread.DATABASE)
