"""`python -c "from tasks import test_celery; test_celery.delay()"`: does a worker answer the bell?"""

import structlog

from webapp.celery_app import QUEUE, celery

log = structlog.get_logger(__name__)


@celery.task(name="tasks.test_celery", queue=QUEUE)
def test_celery() -> str:
    """Say in the worker's log that it works."""
    log.info("Success: the worker took the test task off the queue.", queue=QUEUE)
    return "ok"
