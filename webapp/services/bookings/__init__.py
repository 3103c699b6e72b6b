"""Adding, deciding, changing, undoing and listing bookings."""

from webapp.services.bookings.act import Seen, perform, touch
from webapp.services.bookings.lifecycle import (
    BECOMES,
    LETTERS,
    Facts,
    NewBooking,
    add,
    cancel,
    complete,
    confirm,
    create,
    decline,
    find,
    get,
    mark_no_show,
    reopen,
    reserved,
)

__all__ = [
    "BECOMES", "LETTERS", "Facts", "NewBooking", "Seen", "add", "cancel", "complete", "confirm", "create", "decline",
    "find", "get", "mark_no_show", "perform", "reopen", "reserved", "touch",
]  # fmt: skip
