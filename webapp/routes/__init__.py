"""Pages and acts. A blueprint has one subject and one role; `set_up` lists them all."""

from flask import Flask

from webapp.extensions import csrf
from webapp.routes import (
    account,
    assets,
    audit,
    auth,
    batches,
    board,
    booking_forms,
    booking_import,
    booking_payments,
    bookings,
    bulk,
    causes,
    channels,
    doctor,
    exports,
    failures,
    fallbacks,
    figures,
    health,
    keys,
    messages,
    metrics,
    morning_mail,
    notes,
    passwords,
    payments,
    people,
    queue,
    replacements,
    replies,
    resolutions,
    retries,
    reversals,
    sandbox,
    statements,
    texts,
    today,
    webhooks,
)

ROOMS = (
    account,
    assets,
    audit,
    auth,
    batches,
    board,
    booking_forms,
    booking_import,
    booking_payments,
    bookings,
    bulk,
    causes,
    channels,
    doctor,
    exports,
    fallbacks,
    figures,
    health,
    keys,
    messages,
    metrics,
    morning_mail,
    notes,
    passwords,
    payments,
    people,
    queue,
    replacements,
    replies,
    resolutions,
    retries,
    reversals,
    sandbox,
    statements,
    texts,
    today,
    webhooks,
)


def set_up(app: Flask, api_problem: failures.Problem) -> None:
    """Register every blueprint, and what is shown when something goes wrong."""
    for room in ROOMS:
        app.register_blueprint(room.bp)
    csrf.exempt(webhooks.bp)  # Providers sign what they send; they have no session.
    failures.set_up(app, api_problem)
