"""Every status, event, channel and role in the words that staff read, with a tone and an icon.

Tones are five: ok, warn, bad, info, mute. Icons are names in `static/icons.svg`. Status is always
shown as word + icon + colour, never by colour alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from webapp.i18n import N_, gettext


@dataclass(frozen=True)
class Word:
    """How one status looks: its English words, its tone and its icon."""

    text: str  # What is stored, written to files and answered by the API.
    tone: str = "mute"
    icon: str = "circle"

    @property
    def label(self) -> str:
        """The words in the language of the reader."""
        return gettext(self.text)


def labels(table: Mapping[str, Word]) -> list[tuple[str, str]]:
    """Returns the values of a table with their labels, for a choice in a form."""
    return [(value, word.label) for value, word in table.items()]


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
# A failure whose guest heard by another channel, or of which somebody has taken care.
FAILED_QUIETLY = Word("Not delivered", "mute", "circle-x")
RESOLVED = Word("Resolved", "mute", "checks")
# A failure of which nobody knows whether it was one.
MAY_HAVE_ARRIVED = Word("May have arrived", "warn", "help-circle")

# How far the news of a booking came, whichever channel brought it.
REACHED = {
    "reached": Word("Reached", "ok", "checks"),
    "on_the_way": Word("On the way", "info", "send"),
    "not_reached": Word("Not reached", "bad", "alert-triangle"),
    "nothing": Word("Not sent", "mute", "ban"),
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

# How a person told a guest what a message could not; to follow a name.
TOLD = {
    "phone": Word("told the guest by phone", icon="phone"),
    "in_person": Word("told the guest in person", icon="users"),
    "other": Word("told the guest another way", icon="message"),
}
# The same as somebody chooses it.
TOLD_BY = {
    "phone": Word("By phone", icon="phone"),
    "in_person": Word("In person", icon="users"),
    "other": Word("Another way", icon="message"),
    "": Word("Nobody has to tell the guest", icon="ban"),
}

# How a line of a bank statement stands to the bookings.
FIT = {
    "exact": Word("Match", "ok", "circle-check"),
    "differs": Word("Amount differs", "warn", "alert-triangle"),
    "name": Word("By name", "info", "help-circle"),
    "weak": Word("By amount only", "info", "help-circle"),
    "none": Word("No booking", "mute", "search"),
    "ask": Word("To be checked", "warn", "help-circle"),
    "currency": Word("Other currency", "warn", "alert-triangle"),
    "not_final": Word("Not booked", "warn", "clock"),
    "recorded": Word("Recorded", "mute", "checks"),
    "out": Word("Outgoing", "mute", "circle-x"),
    "wrong": Word("Cannot be read", "bad", "alert-triangle"),
}

# How a line of a file of bookings stands.
IMPORTED = {
    "ready": Word("Ready", "info", "circle"),
    "wrong": Word("Has errors", "bad", "alert-triangle"),
    "known": Word("Already imported", "mute", "checks"),
    "taken": Word("Imported", "ok", "circle-check"),
}

CHANNEL = {
    "sms": Word("SMS", icon="message"),
    "whatsapp": Word("WhatsApp", icon="brand-whatsapp"),
    "email": Word("E-mail", icon="mail"),
}

# Who carries a channel.
PROVIDER = {
    "twilio": Word("by Twilio"),
    "smtp": Word("by SMTP"),
    "sandbox": Word("simulated"),
    "off": Word("no provider is set up"),
}

ROLE = {
    "front_desk": Word("Front desk"),
    "manager": Word("Manager"),
    "admin": Word("Admin"),
}

# What a role adds to the one before it.
MAY = {
    "front_desk": N_("Takes, confirms and declines bookings, verifies payments."),
    "manager": N_("All that, and the delivery board, exports, reversed payments."),
    "admin": N_("All that, and the queue, people, keys, message texts, the audit log."),
}

PERSON = {
    "on": Word("Active", "ok", "circle-check"),
    "invited": Word("Invited, no password yet", "info", "mail"),
    "off": Word("Switched off", "mute", "ban"),
}

IN_FORCE = Word("In force", "ok", "circle-check")
TEXT = {
    "built_in": Word("Standard text", "mute", "circle"),
    "edited": Word("Edited", "info", "pencil"),
    "english": Word("Goes out in English", "warn", "alert-triangle"),
}

KEY = {
    "on": Word("In use", "ok", "circle-check"),
    "revoked": Word("Revoked", "mute", "ban"),
}

OUTCOME = {
    "accepted": Word("Taken by the provider", "ok", "check"),
    "temporary": Word("Not taken, may pass", "warn", "refresh"),
    "permanent": Word("Refused for good", "bad", "circle-x"),
    "misconfigured": Word("Our account or sender is wrong", "bad", "settings"),
    "unknown": Word("No clear answer", "warn", "help-circle"),
    "not_begun": Word("Never begun", "mute", "circle"),
}

VERDICT = {
    "ok": Word("Fine", "ok", "circle-check"),
    "warn": Word("Check this", "warn", "alert-triangle"),
    "fail": Word("Broken", "bad", "circle-x"),
    "unknown": Word("Unknown", "mute", "help-circle"),
}

# What became of one row of an act on many.
FATE = {
    "done": Word("Done", "ok", "circle-check"),
    "outrun": Word("Somebody was first", "warn", "users"),
    "not_possible": Word("Not possible", "bad", "circle-x"),
    "unsure": Word("Look at it", "warn", "alert-triangle"),
}

# What is done with failed messages, many at once.
BATCH = {
    "retry": Word("Send again", "info", "refresh"),
    "resolve": Word("Resolve", "mute", "check"),
    "reopen": Word("Reopen", "mute", "arrow-back-up"),
}

# Why something cannot be done with a failed message.
OBSTACLE = {
    "not_failed": Word("Not failed any more", "mute", "circle-check"),
    "outrun": Word("Tried again since", "warn", "users"),
    "resolved": Word("Resolved already", "mute", "check"),
    "not_resolved": Word("Not resolved", "mute", "circle"),
    "superseded": Word("No longer true", "mute", "ban"),
    "expired": Word("Too old to be useful", "mute", "hourglass"),
    "opted_out": Word("The guest opted out", "mute", "user-x"),
}

# What doctor examines, by the names that its report has for scripts.
CHECK = {
    "alerts": Word("Open alerts"),
    "backlog": Word("Waiting messages"),
    "callbacks": Word("Receipts"),
    "capacity": Word("Capacity"),
    "channels": Word("Channels"),
    "clocks": Word("Clocks"),
    "consumer": Word("Who takes tasks"),
    "credentials": Word("Credentials"),
    "database": Word("Database"),
    "database age": Word("Age of the database"),
    "demo rows": Word("Demo rows"),
    "disk": Word("Disk"),
    "duties": Word("Background jobs"),
    "errors": Word("Errors"),
    "eviction": Word("Eviction by Redis"),
    "failures": Word("Failures"),
    "migrations": Word("Migrations"),
    "parts": Word("Installed parts"),
    "persistence": Word("Persistence of Redis"),
    "proxy": Word("Proxy"),
    "redis": Word("Redis"),
    "redis memory": Word("Memory of Redis"),
    "retries": Word("Retries"),
    "returned mail": Word("Returned mail"),
    "settings": Word("Settings"),
    "versions": Word("Versions"),
    "whatsapp templates": Word("WhatsApp templates"),
    "workers": Word("Workers"),
}
