"""A plain design, as bare as it can be: a route that commits and calls `.delay()`, and a task that sends.

It has no sign-in, no history, no rows of messages and no page; what it promises less is said in `docs/performance.md`.
"""

import os
from typing import Any

from celery import Celery
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, update
from twilio.rest import Client

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["GUIDE_DATABASE_URL"]
db = SQLAlchemy(app)

celery_app = Celery("guide", broker=os.environ["REDIS_URL"])
celery_app.conf.update(
    task_default_queue="notifications", task_acks_late=True, worker_prefetch_multiplier=1, task_time_limit=300,
    task_soft_time_limit=240, broker_connection_retry_on_startup=True,
)  # fmt: skip

twilio = Client(os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"])
twilio.api.base_url = os.environ["TWILIO_API_URL"]


class Booking(db.Model):  # type: ignore[name-defined]
    """A booking of the plain design."""

    id = db.Column(db.Integer, primary_key=True)
    phone = db.Column(db.String(20), nullable=False)
    status = db.Column(db.String(20), nullable=False, default="pending")


with app.app_context():

    @event.listens_for(db.engine, "connect")
    def _as_safe_as_ours(connection: Any, _record: Any) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")


@celery_app.task(max_retries=3, default_retry_delay=60, autoretry_for=(Exception,), retry_backoff=60)
def send_notification(booking_id: int) -> None:
    """Send the one SMS of a booking."""
    with app.app_context():
        phone = db.session.get(Booking, booking_id).phone
    text = f"Your booking {booking_id} is confirmed."
    twilio.messages.create(to=phone, from_=os.environ["TWILIO_SMS_FROM"], body=text)


@app.post("/bookings/<int:booking_id>/confirm")
def confirm(booking_id: int) -> dict[str, object]:
    """Confirm: commit, then queue."""
    db.session.execute(update(Booking).where(Booking.id == booking_id).values(status="confirmed"))
    db.session.commit()
    send_notification.delay(booking_id)
    return {"id": booking_id, "status": "confirmed"}


@app.get("/healthz")
def healthz() -> str:
    """Say that the process serves."""
    return "ok"
