"""Roll up hours that never were: an upgraded database fills itself, and so does one whose workers were away."""

from webapp.duties.base import Duty, Thread
from webapp.services import tallies

DUTY = Duty("tally_gaps", tallies.fill, Thread.DATABASE, every=60)
