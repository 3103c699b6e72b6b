"""Recording, deciding and listing payments."""

from webapp.services.payments.lifecycle import (
    get,
    receive,
    reject,
    reverse,
    submit,
    submitted,
    verify,
    waiting,
)

__all__ = ["get", "receive", "reject", "reverse", "submit", "submitted", "verify", "waiting"]
