"""Pages and acts. A blueprint has one subject and one role; `set_up` lists them all."""

import importlib

from flask import Flask

from webapp.extensions import csrf
from webapp.routes import failures, webhooks

NAMES = ("assets", "auth", "board", "bookings", "channels", "health", "messages", "payments", "queue", "retries", "sandbox", "undo", "webhooks")


def set_up(app: Flask) -> None:
    """Register every blueprint, and what is shown when something goes wrong."""
    for name in NAMES:
        try:
            app.register_blueprint(importlib.import_module(f"webapp.routes.{name}").bp)
        except ModuleNotFoundError as missing:
            if not (missing.name or "").startswith("webapp."): raise
    csrf.exempt(webhooks.bp)
    failures.set_up(app)
