"""The JSON API, version 1. Each module adds its calls to the blueprint."""

from webapp.api import bookings, bounces, messages, payments, queue
from webapp.api.blueprint import bp
from webapp.api.problems import problem

__all__ = ["bookings", "bounces", "bp", "messages", "payments", "problem", "queue"]
