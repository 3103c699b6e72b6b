"""The answers of the API: rows as JSON. Times are UTC with Z; amounts are text with the decimals of the currency."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from webapp.channels.reasons import explain
from webapp.models import OPEN, Booking, Message, MessageStatus, Payment, payment_status
from webapp.money import plain
from webapp.monitor.view import QueueView
from webapp.monitor.workers.view import WorkerView
from webapp.services.messages import reached

Json = dict[str, Any]
# In these states the error code says what is wrong; on a message that went out it is history.
TROUBLED = (*OPEN, MessageStatus.FAILED, MessageStatus.SKIPPED)


def moment(when: datetime | None) -> str | None:
    """Returns a moment in UTC, such as 2026-03-01T18:00:00Z."""
    return None if when is None else when.astimezone(UTC).isoformat().replace("+00:00", "Z")


def booking(row: Booking, *, warnings: Mapping[str, str] | None = None) -> Json:
    """Returns a booking with its payments and messages; `warnings` maps a field to a sentence."""
    return {
        "reference": row.reference,
        "status": row.status,
        "payment_status": payment_status(row),
        "version": row.version,
        "guest": {
            "name": row.name,
            "phone": row.phone,
            "email": row.email,
            "language": row.language,
            "channels": row.channels,
        },
        "service": row.service,
        "starts_at": moment(row.starts_at),
        "party_size": row.party_size,
        "amount": plain(row.amount, row.currency),
        "paid": plain(row.paid, row.currency),
        "due": plain(row.due, row.currency),
        "currency": row.currency,
        "created_at": moment(row.created_at),
        "reached": news.state if (news := reached.of(row)) else None,
        "payments": [payment(each, row.currency) for each in row.payments],
        "messages": [message(each) for each in row.messages],
        "warnings": [{"field": field, "detail": detail} for field, detail in (warnings or {}).items()],
    }


def payment(row: Payment, currency: str) -> Json:
    """Returns one payment of a booking."""
    return {
        "id": row.id,
        "method": row.method,
        "amount": plain(row.amount, currency),
        "reference": row.reference,
        "status": row.status,
        "reason": row.reason,
        "created_at": moment(row.created_at),
        "decided_at": moment(row.decided_at),
    }


def message(row: Message, *, with_booking: bool = False) -> Json:
    """Returns one message. Outside its booking it has the booking's reference, which is null for a test message."""
    place = {"booking": row.reference if row.booking_id else None} if with_booking else {}
    return place | {
        "id": row.id,
        "event": row.event,
        "channel": row.channel,
        "to": row.to,
        "status": row.status,
        "attempts": row.attempts_made,
        "tries": row.tries_used,
        "created_at": moment(row.created_at),
        "due_at": moment(row.due_at),
        "expires_at": moment(row.expires_at),
        "sent_at": moment(row.sent_at),
        "delivered_at": moment(row.delivered_at),
        "resolved_at": moment(row.resolved_at),
        "simulated": row.simulated,
        "went_out_twice": row.went_out_twice,
        "error": _error(row),
    }


def _error(row: Message) -> Json | None:
    if not row.error_code or row.status not in TROUBLED:
        return None
    return {"code": row.error_code, "text": explain(row.channel, row.error_code).text}


def queue(view: QueueView) -> Json:
    """Returns the state of the queue. A figure that is not known is null, never 0."""
    return {
        "taken_at": moment(view.taken_at),
        "is_stale": view.is_stale,
        "broker": "up" if view.broker_up else "down",
        "broker_problem": view.broker_problem,
        "queued": view.queued,
        "due_later": view.due_later,
        "running": view.running,
        "retrying": view.retrying,
        "uncertain": view.uncertain,
        "bells": view.bells,
        "oldest_waiting_seconds": view.oldest_waiting_seconds,
        "workers": [_worker(each) for each in view.workers],
    }


def _worker(view: WorkerView) -> Json:
    return {
        "name": view.name,
        "alive": view.alive,
        "active": view.active,
        "concurrency": view.concurrency,
        "heartbeat_age": view.heartbeat_age,
    }
