"""What Celery runs. The web rings by name and never imports this package."""

import structlog

from tasks.delivery import deliver
from webapp.celery_app import QUEUE, celery

__all__ = ["deliver", "test_celery"]
log = structlog.get_logger(__name__)


@celery.task(name="tasks.test_celery", queue=QUEUE)
def test_celery() -> str:
    """Log that a worker takes tasks: `python -c "from tasks import test_celery; test_celery.delay()"`."""
    log.info("Success: the worker took the test task off the queue.", queue=QUEUE)
    return "ok"
