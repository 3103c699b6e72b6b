"""The rows that tell a guest: made, numbered, rung for, and told as a timeline."""

from webapp.services.messages.compose import (
    add,
    bring_back,
    is_superseded,
    number,
    prepare,
    release,
    told_paid,
    told_payment,
    told_reason,
)

__all__ = [
    "add",
    "bring_back",
    "is_superseded",
    "number",
    "prepare",
    "release",
    "told_paid",
    "told_payment",
    "told_reason",
]
