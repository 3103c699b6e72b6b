"""The bell's answer: drain one guest's lane."""

from webapp.celery_app import celery
from webapp.services import delivery
from webapp.services.messages import bell


@celery.task(name=bell.TASK)
def deliver(guest_id: int) -> None:
    """Send what this guest's lane has due."""
    delivery.drain(guest_id)
