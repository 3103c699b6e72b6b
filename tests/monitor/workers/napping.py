"""A Celery worker's app with one task that sleeps, for tests of inspect."""

import os
import time

from celery import Celery

app = Celery("napping", broker=os.environ.get("REDIS_URL"))
app.conf.update(task_default_queue="naps", worker_prefetch_multiplier=1, broker_connection_retry_on_startup=True)


@app.task(name="naps.nap")
def nap(seconds: float) -> None:
    """Hold a slot for a while."""
    time.sleep(seconds)
