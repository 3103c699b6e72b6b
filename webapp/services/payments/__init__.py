"""Recording, deciding and listing payments."""

from webapp.services.payments.lifecycle import (
    get,
    move,
    reject,
    reverse,
    submit,
    submitted,
    verify,
)

__all__ = ["get", "move", "reject", "reverse", "submit", "submitted", "verify"]
