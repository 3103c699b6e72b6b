"""Taking, deciding, changing, undoing and listing bookings."""

from webapp.services.bookings.lifecycle import (
    LETTERS,
    RESERVED,
    NewBooking,
    Seen,
    add,
    cancel,
    complete,
    confirm,
    create,
    decline,
    find,
    get,
    miss,
    touch,
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
    "touch",
]
