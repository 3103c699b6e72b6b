"""Roll the last hours' messages up for the figures of the delivery board."""

from webapp.duties.base import Duty, Thread
from webapp.services import tallies

DUTY = Duty("tally", tallies.recount, Thread.DATABASE, every=30)
