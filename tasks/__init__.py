"""What Celery runs. The web rings by name and never imports this package."""

from tasks.delivery import deliver
from tasks.selfcheck import test_celery

__all__ = ["deliver", "test_celery"]
