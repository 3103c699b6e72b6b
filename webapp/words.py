"""Every status, event, channel and role in the words that staff read, with a tone and an icon.

Tones are five: ok, warn, bad, info, mute. Icons are names in `static/icons.svg`. Status is always
shown as word + icon + colour, never by colour alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """How one status looks: its label, its tone and its icon."""

    label: str
    tone: str = "mute"
    icon: str = "circle"


BOOKING = {
    "pending": Word("Pending", "warn", "clock"),
    "confirmed": Word("Confirmed", "ok", "circle-check"),
    "declined": Word("Declined", "mute", "circle-x"),
    "cancelled": Word("Cancelled", "mute", "ban"),
    "completed": Word("Completed", "mute", "check"),
    "no_show": Word("No-show", "mute", "user-x"),
}

PAYMENT = {
    "submitted": Word("To verify", "info", "eye"),
    "verified": Word("Verified", "ok", "circle-check"),
    "rejected": Word("Rejected", "bad", "circle-x"),
    "reversed": Word("Reversed", "mute", "arrow-back-up"),
}

PAYMENT_STATUS = {
    "unpaid": Word("Unpaid", "mute", "circle"),
    "submitted": Word("To verify", "info", "eye"),
    "part_paid": Word("Part paid", "warn", "circle-half"),
    "paid": Word("Paid", "ok", "circle-check"),
    "overpaid": Word("Overpaid", "warn", "alert-triangle"),
    "rejected": Word("Rejected", "bad", "circle-x"),
}

MESSAGE = {
    "waiting": Word("Waiting", "mute", "hourglass"),
    "sending": Word("Sending", "info", "loader-2"),
    "uncertain": Word("Checking with the provider", "warn", "help-circle"),
    "sent": Word("Sent", "info", "send"),
    "delivered": Word("Delivered", "ok", "check"),
    "read": Word("Read", "ok", "checks"),
    "failed": Word("Not delivered", "bad", "alert-triangle"),
    "skipped": Word("Not sent", "mute", "ban"),
}

EVENT = {
    "booking_confirmed": Word("Booking confirmed", icon="circle-check"),
    "booking_declined": Word("Booking declined", icon="circle-x"),
    "booking_cancelled": Word("Booking cancelled", icon="ban"),
    "booking_changed": Word("Booking changed", icon="calendar-event"),
    "payment_verified": Word("Payment verified", icon="credit-card"),
    "payment_rejected": Word("Payment rejected", icon="credit-card"),
    "payment_reversed": Word("Payment reversed", icon="arrow-back-up"),
    "test": Word("Test message", icon="send"),
}

CHANNEL = {
    "sms": Word("SMS", icon="message"),
    "whatsapp": Word("WhatsApp", icon="brand-whatsapp"),
    "email": Word("E-mail", icon="mail"),
}

ROLE = {
    "front_desk": Word("Front desk"),
    "manager": Word("Manager"),
    "admin": Word("Admin"),
}

OUTCOME = {
    "accepted": Word("Taken by the provider", "ok", "check"),
    "temporary": Word("Not taken, may pass", "warn", "refresh"),
    "permanent": Word("Refused for good", "bad", "circle-x"),
    "misconfigured": Word("Our account or sender is wrong", "bad", "settings"),
    "unknown": Word("No clear answer", "warn", "help-circle"),
    "not_begun": Word("Never begun", "mute", "circle"),
}
