"""Taking, deciding, changing, undoing and listing bookings."""

from webapp.services.bookings.act import Seen, perform, touch
from webapp.services.bookings.lifecycle import (
    LETTERS,
    RESERVED,
    NewBooking,
    add,
    cancel,
    complete,
    confirm,
    create,
    decline,
    find,
    get,
    miss,
)

__all__ = [
    "LETTERS",
    "RESERVED",
    "NewBooking",
    "Seen",
    "add",
    "cancel",
    "complete",
    "confirm",
    "create",
    "decline",
    "find",
    "get",
    "miss",
    "perform",
    "touch",
]
