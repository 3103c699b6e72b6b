"""Go on with what somebody started for many failed messages at once, whether their page is still open or not."""

from webapp.duties.base import Duty, Thread
from webapp.services.failures import batch_runner

DUTY = Duty("batches", batch_runner.go_on, Thread.DATABASE, every=0.5)
