"""Pages and acts. A blueprint has one subject and one role; `set_up` lists them all."""

from flask import Flask

from webapp.extensions import csrf
from webapp.routes import (
    assets,
    auth,
    board,
    bookings,
    channels,
    failures,
    health,
    messages,
    payments,
    queue,
    retries,
    sandbox,
    webhooks,
)

ROOMS = (assets, auth, board, bookings, channels, health, messages, payments, queue, retries, sandbox, webhooks)


def set_up(app: Flask, api_problem: failures.Problem) -> None:
    """Register every blueprint, and what is shown when something goes wrong."""
    for room in ROOMS:
        app.register_blueprint(room.bp)
    csrf.exempt(webhooks.bp)  # Providers sign what they send; they have no session.
    failures.set_up(app, api_problem)
