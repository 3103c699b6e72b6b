"""The JSON API, version 1. Each module adds its calls to the blueprint."""

import webapp.api.bookings
import webapp.api.messages
import webapp.api.payments
import webapp.api.queue  # noqa: F401  # Each of them adds its calls.
from webapp.api.blueprint import bp

__all__ = ["bp"]
