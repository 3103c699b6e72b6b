"""The task of a bell: send one guest's messages."""

from webapp.celery_app import celery
from webapp.services import delivery
from webapp.services.messages import bell


@celery.task(name=bell.TASK)
def deliver(guest_id: int) -> None:
    """Send this guest's messages that are due."""
    delivery.drain(guest_id)
