"""Roll the last hours' messages up for the figures of the delivery board."""

from webapp.duties.base import Duty, Thread
from webapp.services.figures import rollup

DUTY = Duty("tally", rollup.recount, Thread.DATABASE, every=30)
