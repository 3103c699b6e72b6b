"""The JSON API, version 1. Each module adds its calls to the blueprint."""

from webapp.api import bookings, bounces, messages, payments, queue
from webapp.api.blueprint import bp
from webapp.api.problems import problem_for_http_error

__all__ = ["bookings", "bounces", "bp", "messages", "payments", "problem_for_http_error", "queue"]
