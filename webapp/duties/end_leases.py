"""Take on what is `sending` past its lease."""

from webapp.duties.base import Duty, Thread
from webapp.services import look_ups

DUTY = Duty("end_leases", look_ups.end_leases, Thread.DATABASE)
