"""Recording, deciding and listing payments."""

from webapp.services.payments.lifecycle import (
    get,
    preview,
    receive,
    reject,
    reverse,
    submit,
    submitted,
    verify,
    waiting,
)

__all__ = ["get", "preview", "receive", "reject", "reverse", "submit", "submitted", "verify", "waiting"]
