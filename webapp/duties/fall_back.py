"""Tell guests on the next channel where one could not reach them."""

from webapp.duties.base import Duty, Thread
from webapp.services import falling_back

DUTY = Duty("fall_back", falling_back.fall_back_due, Thread.DATABASE)
