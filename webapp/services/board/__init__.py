"""What the delivery board reads."""

from webapp.services.board.listing import (
    BOOKINGS_PAGE,
    PAGE,
    STATUSES,
    Counts,
    Filters,
    beside_status,
    bookings_page,
    by_token,
    counts,
    how_many,
    newer,
    news,
    page,
    some,
    what_helps,
)

__all__ = [
    "BOOKINGS_PAGE",
    "PAGE",
    "STATUSES",
    "Counts",
    "Filters",
    "beside_status",
    "bookings_page",
    "by_token",
    "counts",
    "how_many",
    "newer",
    "news",
    "page",
    "some",
    "what_helps",
]
